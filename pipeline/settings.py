"""Settings of the whole edit: one frozen value that holds those of every stage."""

from __future__ import annotations

from dataclasses import dataclass, field

from photodrag.checkpoints.catalogue import DEFAULT_CHECKPOINT
from photodrag.drag.settings import DragSettings
from photodrag.errors.checks import check_choice, check_number, check_whole
from photodrag.inversion.settings import LossSettings, ProjectSettings, TuneSettings

COMPOSITES = ("detail", "paste", "poisson")


@dataclass(frozen=True)
class CompositeSettings:
    """How the change is carried over to the photo; lengths are parts of the crop's side.

    method "detail" moves the photo's own pixels; "paste" shows the generator's where the face
    changed, "poisson" too, shifted smoothly so that they meet the photo.

    Motion between the inverted and the dragged face is measured at `flow_size` px. Motion below
    `still` counts as none, above `moving` it is carried over whole. `feather` is the width over
    which the edit fades out. `color_blur` is how coarse the colour change is that the motion
    leaves. Where the two directions of the motion disagree by more than `distrust`, the
    generator's own pixels are used. `steady` is how far the motion is averaged outside the face,
    where the generator paints hair and background anew. What the motion falls short of at the
    handles is made up for over `reach`; what one handle among many misses, and its neighbours do
    not, by the part `correction`, and with 0 nothing is. Amid many handles the motion is by the
    part `told` what they say, and not what the generator shows. Light and shade of the skin change
    by the part `painted_light` as the generator paints it, and by the part `learned_light` as
    faces with such landmarks have it (`ExpressionLight`).
    """

    method: str = "detail"
    flow_size: int = 512
    still: float = 0.0015
    moving: float = 0.004
    feather: float = 0.02
    color_blur: float = 0.005
    distrust: float = 0.006
    steady: float = 0.03
    reach: float = 0.08
    correction: float = 0.9
    told: float = 0.85
    painted_light: float = 0.5
    learned_light: float = 1.0

    def __post_init__(self) -> None:
        check_choice("method", self.method, COMPOSITES)
        check_whole("flow_size", self.flow_size, 64, 4096)
        for name in ("still", "moving", "feather", "color_blur", "distrust", "steady", "reach"):
            check_number(name, getattr(self, name), 0, 0.5, above=True)
        check_number("correction", self.correction, 0, 1)
        for name in ("told", "painted_light", "learned_light"):
            check_number(name, getattr(self, name), 0, 1)
        check_number("moving", self.moving, self.still, 0.5, above=True)


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


@dataclass(frozen=True)
class EditSettings:
    """Everything that an edit can be told, besides the photo, the points and the mask."""

    checkpoint: str = DEFAULT_CHECKPOINT
    face: int = 1
    loss: LossSettings = field(default_factory=LossSettings)
    project: ProjectSettings = field(default_factory=ProjectSettings)
    tune: TuneSettings = field(default_factory=TuneSettings)
    guide: GuideSettings = field(default_factory=GuideSettings)
    drag: DragSettings = field(default_factory=DragSettings)
    composite: CompositeSettings = field(default_factory=CompositeSettings)

    def __post_init__(self) -> None:
        check_whole("face", self.face, 1)


DEFAULTS = EditSettings()
