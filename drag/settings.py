"""Settings of dragging: the default, and a preset with the official code's arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

from photodrag.checks import check_choice, check_flag, check_number, check_whole
from photodrag.errors import SettingsError

# Each method with the tracking that it comes with; FreeDrag has none and takes none.
METHODS = {"template": "patch", "official": "vector", "free": None}
TRACKINGS = ("patch", "vector", "none", "lucas-kanade", "dis", "raft")
PRECISIONS = ("float32", "tf32", "bfloat16")


@dataclass(frozen=True)
class DragSettings:
    """How points are dragged.

    `method` is how points are drawn on. "template": towards the patch of the first step.
    "official": as in DragGAN's published code (Pan et al. 2023, arXiv 2305.10973), towards the
    current patch, on the map resized to the image. "free": FreeDrag (Ling et al. 2024, arXiv
    2307.04684), an adaptive template searched for along the line to the target.

    `tracking` is how they are found again; None stands for the method's own: "patch" for
    "template", "vector" for "official"; "free" needs none and takes none. "patch": the whole
    patch of the first step, to a part of a pixel. "vector": the nearest neighbour of the one
    feature vector of the first step, at whole pixels (the paper's equation 3). "none": a point is
    taken to move a pixel of a 512 px image per step on its line, whatever the image shows, and to
    have arrived after `patience` more steps at the target. "lucas-kanade", "dis" (both OpenCV)
    and "raft" (torchvision, where its weights are at hand): optical flow between painted images,
    which costs a small image per step.

    `feature_resolution` names the block whose features guide the drag; a smaller generator uses
    its last one. `patch_radius` and `search_radius` are in pixels of a 512 px image, as in the
    paper. `rows` is how many first rows of W+ move (None: up to the first one at 32x32).
    `stride` is how far ahead of a point it is pulled per step, in feature pixels. A drag stops
    when every point is within `stop_distance` px of a 512 px image, or after `patience` steps
    that brought the points not even 5 % nearer (0: never); the nearest step is the one to keep.
    `mask_weight` weighs what the mask keeps: on the map itself, with "official" on the map
    resized to the image. `prior` holds the latent to where it began, in whitened coordinates.

    `precision` is that of the feature map and its gradient: "float32"; "tf32", which rounds what a
    convolution multiplies to 10 bits, on NVIDIA's GPUs from Ampere on, and elsewhere is float32;
    or "bfloat16", 7 bits, wherever PyTorch has it.

    `compiled` computes the whole feature map by `torch.compile`, on CUDA with CUDA graphs. The
    first step waits for the compiler, so this is for many drags on generators of one shape, and
    for a GPU: on a CPU the windows alone are several times faster.
    """

    method: str = "template"
    tracking: str | None = None
    max_steps: int = 200
    learning_rate: float = 5e-3
    feature_resolution: int = 64
    rows: int | None = None
    patch_radius: float = 8.0
    search_radius: float = 16.0
    stride: float = 1.0
    stop_distance: float = 0.5
    patience: int = 30
    mask_weight: float = 2.0
    prior: float = 0.0
    precision: str = "tf32"
    compiled: bool = False

    def __post_init__(self) -> None:
        check_choice("method", self.method, METHODS)
        if self.tracking is not None:
            check_choice("tracking", self.tracking, TRACKINGS)
            if METHODS[self.method] is None:
                raise SettingsError(
                    f"tracking is {self.tracking!r}, but method {self.method!r} finds its points "
                    "itself; leave the tracking out, or choose another method"
                )
        check_whole("max_steps", self.max_steps, 1)
        check_number("learning_rate", self.learning_rate, above=True)
        check_whole("feature_resolution", self.feature_resolution, 4)
        if self.rows is not None:
            check_whole("rows", self.rows, 1)
        check_number("patch_radius", self.patch_radius, above=True)
        check_number("search_radius", self.search_radius, above=True)
        check_number("stride", self.stride, above=True)
        check_number("stop_distance", self.stop_distance, above=True)
        check_whole("patience", self.patience, 0)
        check_number("mask_weight", self.mask_weight)
        check_number("prior", self.prior)
        check_choice("precision", self.precision, PRECISIONS)
        check_flag("compiled", self.compiled)


DEFAULTS = DragSettings()
OFFICIAL = DragSettings(
    method="official",
    max_steps=300,
    learning_rate=2e-3,
    feature_resolution=128,
    patch_radius=3.0,
    search_radius=12.0,
    patience=0,
    mask_weight=20.0,
    stop_distance=2.0,
    precision="float32",
)
PRESETS = {"default": DEFAULTS, "official": OFFICIAL}
