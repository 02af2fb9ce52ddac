"""The foot of the panel: what is being done, and run, pause, stop."""

from __future__ import annotations

from nicegui import ui

from .controller import Controller
from .texts import rest_words, work_words
from .widgets import text_button


class StatusBar:
    """What is under way, with its progress, and the buttons that begin and end it."""

    def __init__(self, controller: Controller):
        self._controller = controller
        self._sending: float | None = None
        with ui.element("div").classes("pd-foot"):
            with ui.element("div").classes("pd-status"):
                self._stage = ui.label("").classes("pd-stage-words")
                self._stage.props["role"] = "status"
                self._stage.props["aria-live"] = "polite"
                self._detail = ui.label("").classes("pd-hint")
            self._bar = ui.element("div").classes("pd-bar")
            self._bar.props["role"] = "progressbar"
            self._bar.props["aria-label"] = "Progress"
            self._bar.props["aria-valuemin"] = "0"
            self._bar.props["aria-valuemax"] = "100"
            with self._bar:
                self._filled = ui.element("div").classes("pd-filled")
            with ui.element("div").classes("pd-row pd-acts"):
                self._run = text_button("Run", controller.run, "play_arrow", "main")
                self._pause = text_button("Pause", controller.pause, "pause")
                self._finish = text_button("Keep", controller.finish, "check")
                self._finish.props["title"] = "End here and keep what is reached so far"
                self._stop = text_button("Stop", controller.stop, "stop", "danger")
                self._stop.props["title"] = "End, and leave the photo as it was before"
                self._new = text_button("New change", controller.new_change, "add")
                self._new.props["title"] = "Leave this change as it is, and begin one on top of it"
            self._auto = ui.switch(
                "Run when I let go", value=controller.auto, on_change=self._set_auto
            )
            self._auto.props("dense").classes("pd-switch")

    def send(self, share: float | None) -> None:
        """A file is on its way from the browser; None: no more."""
        self._sending = share
        self.refresh()

    def refresh(self) -> None:
        """Show the visit's work."""
        controller = self._controller
        work, face = controller.work, controller.face()
        running = work is not None
        editing = work is not None and work.ticket.job == "edit"
        if work is not None:
            stage, detail = work_words(controller, work)
            self._stage.set_text(stage)
            self._detail.set_text(detail)
            share = 0.0 if work.progress is None else work.progress.share
        elif self._sending is not None:
            self._stage.set_text("Taking the file")
            self._detail.set_text("")
            share = self._sending
        else:
            self._stage.set_text(rest_words(controller))
            self._detail.set_text("")
            share = 0.0
        busy = running or self._sending is not None
        self._bar.classes(add="pd-busy" if busy else "", remove="" if busy else "pd-busy")
        unknown = work is not None and (work.progress is None or work.state == "waiting")
        self._bar.classes(
            add="pd-unknown" if unknown else "", remove="" if unknown else "pd-unknown"
        )
        self._bar.props["aria-valuenow"] = str(round(100 * share))
        self._bar.update()
        self._filled.style(f"width: {100 * share:.1f}%")

        self._run.set_visibility(face is not None and (controller.begins or not running))
        self._run.set_enabled(not controller.draft.is_empty)
        paused = work is not None and work.state in ("pausing", "paused")
        self._pause.set_visibility(work is not None and work.ticket.can_pause)
        self._pause.set_text("Continue" if paused else "Pause")
        self._pause.props["icon"] = "play_arrow" if paused else "pause"
        self._pause.update()
        moving = work is not None and work.progress is not None and bool(work.progress.handles)
        self._finish.set_visibility(editing and moving)
        self._finish.set_enabled(work is not None and work.state != "stopping")
        self._stop.set_visibility(running)
        self._stop.set_text("Stop" if editing else "Cancel")
        self._stop.set_enabled(work is not None and work.state != "stopping")
        self._new.set_visibility(not running and controller.open_change)
        self._auto.set_visibility(face is not None)

    def _set_auto(self) -> None:
        self._controller.auto = bool(self._auto.value)
        self.refresh()
