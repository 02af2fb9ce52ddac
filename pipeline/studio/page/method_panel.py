"""How the change is made: the command line's options, folded away, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from nicegui import ui

from photodrag.drag.settings import METHODS, PRESETS, TRACKINGS

from ...composite.settings import COMPOSITES
from ...option_settings import ChangeOptions
from .choice_list import ChoiceList
from .controller import Controller
from .widgets import hint, text_button

_OWN = ""  # what the others bring along
_STEPS = (10, 25, 50, 100, 200, 300, 500)
_WORDS = {
    "preset": {"default": "photodrag's own", "official": "as DragGAN's code"},
    "method": {"template": "towards the first look", "official": "as DragGAN", "free": "FreeDrag"},
    "tracking": {
        "patch": "by a patch",
        "vector": "by one feature",
        "none": "not at all",
        "lucas-kanade": "flow: Lucas-Kanade",
        "dis": "flow: DIS",
        "raft": "flow: RAFT",
    },
    "composite": {
        "detail": "the photo's pixels",
        "paste": "painted pixels",
        "poisson": "painted and toned",
    },
}


def _named(option: str, values: tuple[str, ...], own: bool = False) -> Mapping[str, str]:
    words = {value: _WORDS[option].get(value, value) for value in values}
    return {_OWN: "as it comes", **words} if own else words


# For each option of `ChangeOptions`: its name, what it does, the values.
_CHOICES: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "no_guide": (
        "Landmarks",
        "How points at landmarks are dragged: by what faces have in common, or by features like "
        "all other points",
        {"": "by what faces share", "yes": "by features"},
    ),
    "preset": ("Settings", "The settings that the drag begins with", _named("preset", (*PRESETS,))),
    "method": (
        "Pull",
        "How points are drawn on; then landmarks are dragged by features, too",
        _named("method", (*METHODS,), own=True),
    ),
    "tracking": (
        "Follow",
        "How points are found again while they move; FreeDrag takes none",
        _named("tracking", TRACKINGS, own=True),
    ),
    "drag_steps": (
        "Steps at most",
        "When the drag by features ends at the latest",
        {_OWN: "as it comes", **{str(number): str(number) for number in _STEPS}},
    ),
    "composite": (
        "Show",
        "What is put into the photo: its own pixels, moved; or what the generator paints",
        _named("composite", COMPOSITES),
    ),
}


class MethodPanel:
    """The options of the change, in a part of the panel that is folded at first."""

    def __init__(self, controller: Controller):
        self._controller = controller
        with ui.element("details").classes("pd-more"):
            with ui.element("summary").classes("pd-summary"):
                ui.label("More")
            hint("Nobody needs these; they are the command line's options.")
            self._choices = {
                option: ChoiceList(name, text, values, partial(self._choose, option))
                for option, (name, text, values) in _CHOICES.items()
            }
            self._reset = text_button("As it was", self._as_it_was)

    def refresh(self) -> None:
        """Show the draft."""
        change = self._controller.draft.change
        free = self._controller.can_change
        for option, choice in self._choices.items():
            if option == "no_guide" and change.by_features:
                choice.show("yes", free and change.no_guide)
            else:
                choice.show(value_of(change, option), free)
        self._reset.set_visibility(change != ChangeOptions())

    def _choose(self, option: str, value: str) -> None:
        self._set(with_value(self._controller.draft.change, option, value))

    def _as_it_was(self) -> None:
        self._set(ChangeOptions())

    def _set(self, change: ChangeOptions) -> None:
        self._controller.set_draft(replace(self._controller.draft, change=change))
        self._controller.touched()


def value_of(change: ChangeOptions, option: str) -> str:
    """An option's value as the list has it."""
    value = getattr(change, option)
    if isinstance(value, bool):
        return "yes" if value else _OWN
    return _OWN if value is None else str(value)


def with_value(change: ChangeOptions, option: str, value: str) -> ChangeOptions:
    """The options with another value of the list's."""
    usual: Any = getattr(ChangeOptions(), option)
    taken: Any = value
    if isinstance(usual, bool):
        taken = value == "yes"
    elif value == _OWN:
        taken = usual
    elif option == "drag_steps":
        taken = int(value)
    return replace(change, **{option: taken})
