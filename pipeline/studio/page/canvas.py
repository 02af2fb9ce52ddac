"""The photo on the page, as an element of it: `web/canvas.js`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from .controller import Controller
from .draft import DraftPoint

_LABEL = (
    "Photo. Arrow keys move a cross, Enter places a handle and then its target; Tab goes to the "
    "points."
)


class Live(ui.element, component="web/live.js"):
    """What changes many times a second; shows nothing itself."""

    def tell(self, live: dict[str, Any]) -> None:
        """Send it."""
        if self._props.get("live") != live:
            self._props["live"] = live
            self.update()


class Canvas(ui.element, component="web/canvas.js"):
    """The photo with faces, points, mask and the frames of a run; `told(name, value)` is its word.

    `state` is sent as it is, it holds numbers, texts and lists; `live` apart from it, for it comes
    many times a second.
    """

    def __init__(self, controller: Controller, told: Callable[[str, Any], None]):
        super().__init__()
        self._controller = controller
        self._props["files"] = f"/studio/{controller.key}/files"
        self._props["label"] = _LABEL
        self._live = Live()

        def hear(event: GenericEventArguments) -> None:
            message = event.args
            if isinstance(message, dict) and isinstance(message.get("name"), str):
                told(message["name"], message.get("value"))

        self.on("told", hear)

    def show(self, tools: dict[str, Any]) -> None:
        """Send the whole state; `tools` is what the page adds of its own."""
        controller = self._controller
        workspace = controller.workspace
        state, draft = workspace.state, controller.draft
        chosen = state.chosen
        root = f"/studio/{controller.key}"
        view = None
        if state.photo is not None:
            names = "" if chosen is None else "+".join(draft.mask_names)
            photo = f"{state.photo.name} {state.photo.size}"
            view = {
                "photo": photo,
                "size": list(state.photo.size),
                "now": f"{root}/picture?n={state.picture}",
                "before": f"{root}/picture?original=1&n={controller.photos}",
                "detail": {
                    "url": f"{root}/detail?n={state.picture}",
                    "scale": state.photo.preview_size[0] / state.photo.size[0],
                },
                "mask": f"{root}/mask?names={names}&n={controller.photos}" if names else None,
            }
        self._props["state"] = {
            "view": view,
            "faces": [{"number": face.index, "box": list(face.box)} for face in state.faces],
            "face": None if chosen is None else chosen.index,
            "picking": controller.picks,
            "points": [_plain(point) for point in draft.points],
            "strokes": [
                {"points": stroke.points, "radius": stroke.radius, "erase": stroke.erase}
                for stroke in draft.strokes
            ],
            "landmarks": [
                {"name": one.name, "place": list(one.place)} for one in controller.landmarks()
            ],
            "marked": not controller.open_change,
            "revision": controller.revision,
            "locked": not controller.can_change,
            **tools,
        }
        self.update()
        self.follow()

    def follow(self) -> None:
        """Send what changes many times a second, and nothing else."""
        controller = self._controller
        frame, work = controller.frame, controller.work
        live: dict[str, Any] = {}
        if frame is not None and work is not None:
            url = f"/studio/{controller.key}/frame?n={controller.frames}"
            live["frame"] = {"serial": controller.frames, "url": url, "box": list(frame.box)}
        if work is not None and work.progress is not None and work.ticket.job == "edit":
            live["handles"] = [list(place) for place in work.progress.handles]
        live["dropped"] = controller.gives_up or (work is None and controller.stopped)
        self._live.tell(live)


def _plain(point: DraftPoint) -> dict[str, Any]:
    return {
        "id": point.number,
        "handle": list(point.handle),
        "target": None if point.target is None else list(point.target),
        "landmark": point.landmark,
    }
