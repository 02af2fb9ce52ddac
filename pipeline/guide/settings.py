"""Settings of the guide."""

from __future__ import annotations

from dataclasses import dataclass

from photodrag.checks import check_number, check_whole


@dataclass(frozen=True)
class GuideSettings:
    """How points at landmarks are dragged (`GuideRun`).

    At most `steps` steps; 0 leaves such points to the drag by features. `noise` is how exactly
    landmarks are taken, in percent of the image's side: more keeps the face more like others.
    `least_spread`, in that unit, too, leaves alone how the points hardly differ from face to face
    (`LikelyChange`): a drag back then comes back, and points get a little less near. `rows` is how
    many first rows of W+ move (None: those that shape the face, up to the first one at 32x32). It
    ends when all are within `stop_distance` px of a 512 px image, or after `patience` steps in a
    row without progress.
    """

    steps: int = 5
    noise: float = 0.6
    least_spread: float = 0.0
    rows: int | None = None
    patience: int = 2
    stop_distance: float = 0.5

    def __post_init__(self) -> None:
        check_whole("steps", self.steps, 0)
        check_number("noise", self.noise, above=True)
        check_number("least_spread", self.least_spread)
        if self.rows is not None:
            check_whole("rows", self.rows, 1)
        check_whole("patience", self.patience, 1)
        check_number("stop_distance", self.stop_distance, above=True)
