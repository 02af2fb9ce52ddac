"""Settings of dragging: the default, and a preset with the official code's arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

from photodrag.errors.checks import check_choice, check_number, check_whole

METHODS = ("template", "official")


@dataclass(frozen=True)
class DragSettings:
    """How points are dragged.

    method "official": DragGAN's published code (Pan et al. 2023, arXiv 2305.10973): supervision
    towards the current patch on the map resized to the image, tracking by one feature vector at
    whole pixels. method "template": supervision towards the patch of the first step, tracking by
    patches at sub-pixel positions on the map itself.

    `feature_resolution` names the block whose features guide the drag; a smaller generator uses
    its last one. `patch_radius` and `search_radius` are in pixels of a 512 px image, as in the
    paper. `rows` is how many first rows of W+ move (None: up to the first one at 32x32).
    `stride` is how far ahead of a point it is pulled per step, in feature pixels. A drag stops
    when every point is within `stop_distance` px of a 512 px image, or after `patience` steps
    that brought the points no nearer (0: never); the nearest step is the one to keep.
    `mask_weight` weighs what the mask keeps: on the map itself, with "official" on the map
    resized to the image. `prior` holds the latent to where it began, in whitened coordinates.
    """

    method: str = "template"
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

    def __post_init__(self) -> None:
        check_choice("method", self.method, METHODS)
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
)
PRESETS = {"default": DEFAULTS, "official": OFFICIAL}
