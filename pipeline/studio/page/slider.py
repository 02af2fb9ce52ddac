"""A slider with its name and number, as an element of the page: `web/slider.js`."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

Heard = Callable[[float], None]


class Slider(ui.element, component="web/slider.js"):
    """`moved` hears each value on the way, `released` the one at which it is let go."""

    def __init__(
        self,
        name: str,
        bounds: tuple[float, float, float],
        value: float = 0,
        *,
        text: str = "",
        unit: str = "",
        moved: Heard | None = None,
        released: Heard | None = None,
    ):
        super().__init__()
        least, most, step = bounds
        given = {"name": name, "title": text, "unit": unit, "value": value, "disabled": False}
        for key, one in {**given, "least": least, "most": most, "step": step}.items():
            self._props[key] = one
        self._props["signed"] = least < 0
        self._bounds = least, most
        for event, heard in (("moved", moved), ("released", released)):
            if heard is not None:
                self.on(event, self._hearing(heard), throttle=0.05 if event == "moved" else 0)

    @property
    def value(self) -> float:
        """Where it stands, as last set or heard."""
        return float(self._props["value"])

    def show(self, value: float, enabled: bool = True) -> None:
        """Set it, without a word to those who hear."""
        if (value, not enabled) != (self.value, self._props["disabled"]):
            self._props["value"] = value
            self._props["disabled"] = not enabled
            self.update()

    def _hearing(self, heard: Heard) -> Callable[[GenericEventArguments], None]:
        least, most = self._bounds

        def hear(event: GenericEventArguments) -> None:
            if isinstance(event.args, int | float) and least <= event.args <= most:
                self._props["value"] = event.args
                heard(float(event.args))

        return hear
