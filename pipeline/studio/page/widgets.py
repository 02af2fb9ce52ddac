"""Small parts that the page is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.element import Element

ERASER = "M14.6 3.2 20.8 9.4 11.2 19H6.4L2.2 14.8zM12 20.4h9V22h-9z"
"""The outline of an eraser, which the icon font has not."""


def icon_button(
    icon: str, label: str, act: Callable[[], Any] | None = None, key: str = "", **data: str
) -> ui.button:
    """A round button that says its name to a screen reader and under the mouse.

    `data` becomes data-… attributes, which the script of the page knows.
    """
    button = ui.button(icon=icon, on_click=act, color=None)
    button.props("flat round dense no-caps").classes("pd-icon")
    button.props["aria-label"] = label
    mark(button, **data)
    with button:
        ui.tooltip(f"{label} ({key})" if key else label).props("delay=500").classes("pd-tip")
    return button


def text_button(
    text: str, act: Callable[[], Any] | None = None, icon: str | None = None, kind: str = "plain"
) -> ui.button:
    """A button with words; kind is plain, main or danger."""
    button = ui.button(text, on_click=act, icon=icon, color=None)
    return button.props("unelevated no-caps").classes(f"pd-button pd-{kind}")


def mark(element: Element, **data: str) -> None:
    """Give an element data-… attributes."""
    for name, value in data.items():
        element.props[f"data-{name.replace('_', '-')}"] = value


def heading(text: str) -> ui.label:
    """The title of a part of the panel."""
    label = ui.label(text).classes("pd-heading")
    label.props["role"] = "heading"
    label.props["aria-level"] = "2"
    return label


def hint(text: str) -> ui.label:
    """A remark in small letters."""
    return ui.label(text).classes("pd-hint")


class Dialog:
    """A dialog; `with dialog:` fills it. Escape and a click beside it close it."""

    def __init__(self, title: str, wide: bool = False):
        self._outer = ui.element("q-dialog")
        self._outer.props["model-value"] = False
        self._outer.props["aria-label"] = title
        self._outer.on("update:model-value", lambda event: self._set(bool(event.args)))
        with self._outer:
            self.card = ui.element("div").classes("pd-dialog" + (" pd-wide" if wide else ""))
            self.card.props["role"] = "document"
            with self.card, ui.element("div").classes("pd-dialog-head"):
                heading(title)
                icon_button("close", "Close", self.close)
        self.body = ui.element("div").classes("pd-dialog-body")
        self.body.move(self.card)

    def open(self) -> None:
        """Show it."""
        self._set(True)

    def close(self) -> None:
        """Hide it."""
        self._set(False)

    def _set(self, shown: bool) -> None:
        self._outer.props["model-value"] = shown
        self._outer.update()
