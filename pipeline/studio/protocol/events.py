"""What a page is told of its work, in the order in which it happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Event:
    """Something about the job `job` of the ticket number `ticket`."""

    ticket: int = field(default=0, kw_only=True)
    job: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class Waiting(Event):
    """The job waits for others; with `place` 1 it is the next. Told again when that changes."""

    place: int


@dataclass(frozen=True)
class Working(Event):
    """The job begins to compute, or goes on after a pause."""


@dataclass(frozen=True)
class Progress(Event):
    """A step is done, number `index` of at most `total` of a stage.

    `share` of the whole job, 0..1, never falls; `remaining` is in seconds, None where nobody
    knows. `handles` says where an edit's own points are, in their order and in photo pixels,
    `distances` how far from their targets; `loss` is the perceptual distance while a face is looked
    for, and `purpose`, in a word, what the generator is tuned for where the edit needs that.
    """

    stage: str
    index: int
    total: int
    share: float
    remaining: float | None = None
    handles: tuple[tuple[float, float], ...] = ()
    distances: tuple[float, ...] = ()
    loss: float | None = None
    purpose: str | None = None


@dataclass(frozen=True)
class Frame(Event):
    """The face on its way: an image file to be drawn over the picture, in place.

    `box` is left, top, right and bottom edge where the whole photo goes from 0 to its width and
    height. Each frame holds all that differs from the picture, so that it replaces the last one.
    """

    data: bytes
    mime: str
    box: Box


@dataclass(frozen=True)
class Paused(Event):
    """The job stands still and lets others go ahead."""


@dataclass(frozen=True)
class Done(Event):
    """The job is finished; what it gives, if anything."""

    value: Any = None


@dataclass(frozen=True)
class Stopped(Event):
    """The job was given up as asked; everything is as it was before."""


@dataclass(frozen=True)
class Failed(Event):
    """The job could not be done; everything is as it was before.

    The message is for the person. With `bug` it is no fault of theirs; the log has the traceback.
    """

    message: str
    bug: bool = False


End = Done | Stopped | Failed
