"""A list to choose from with its name, as an element of the page: `web/choice.js`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nicegui import ui
from nicegui.events import GenericEventArguments


class ChoiceList(ui.element, component="web/choice.js"):
    """`chosen` hears the value; `options` are the values and what they are called."""

    def __init__(
        self, name: str, text: str, options: Mapping[str, str], chosen: Callable[[str], None]
    ):
        super().__init__()
        pairs = [list(pair) for pair in options.items()]
        given = {"name": name, "title": text, "options": pairs, "disabled": False}
        for key, one in {**given, "value": next(iter(options))}.items():
            self._props[key] = one

        def hear(event: GenericEventArguments) -> None:
            if event.args in options:
                self._props["value"] = event.args
                chosen(event.args)

        self.on("chosen", hear)

    def show(self, value: str, enabled: bool = True) -> None:
        """Set it, without a word to who hears."""
        if (value, not enabled) != (self._props["value"], self._props["disabled"]):
            self._props["value"] = value
            self._props["disabled"] = not enabled
            self.update()
