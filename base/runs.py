"""What all long work has in common: a run is iterated over, and says how far it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from threading import Event
from typing import Protocol, TypeVar, runtime_checkable

Stages = tuple[tuple[str, int], ...]
"""Stages in order, each with the most steps it will take."""
Step_co = TypeVar("Step_co", covariant=True)


class RunStep(Protocol):
    """What a run with stages yields: a finished step of one of them."""

    @property
    def stage(self) -> str:
        """The stage's name."""

    @property
    def index(self) -> int:
        """The number of the step in its stage, from 1."""

    @property
    def total(self) -> int:
        """The most steps of the stage."""


@runtime_checkable
class Run(Protocol[Step_co]):
    """Long work. It is checked when it is made; iterating does it, and yields each finished step.

    Leaving the loop stops the work. To show how far it is, `fraction` is enough: no stage needs to
    be known.
    """

    def __iter__(self) -> Iterator[Step_co]:
        """Do the work, from its beginning."""

    def __len__(self) -> int:
        """The most steps it will take."""

    @property
    def stages(self) -> Stages:
        """The stages that are to be expected, in order, each with the most steps it will take."""

    @property
    def fraction(self) -> float:
        """How much of the work is done, 0..1: never less than before, and 1 at the end."""


class EndsEarly(ABC):
    """A run that can be told, from any thread, to end with the best so far.

    The run looks at `ends_early` after each step, and forgets an earlier end when it begins.
    """

    def __init__(self) -> None:
        self._end_asked = Event()

    @property
    @abstractmethod
    def has_best(self) -> bool:
        """Whether there is something to keep."""

    @property
    def ends_early(self) -> bool:
        """Whether the run has been told to end."""
        return self._end_asked.is_set()

    def finish_early(self) -> bool:
        """End at the next step with the best so far.

        False, and nothing happens, while there is nothing to keep.
        """
        if not self.has_best:
            return False
        self._end_asked.set()
        return True

    def _forget_end(self) -> None:
        """For the run itself, when it begins: it is to be done whole."""
        self._end_asked.clear()
