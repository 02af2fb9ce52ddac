"""Settings of the composite."""

from __future__ import annotations

from dataclasses import dataclass

from photodrag.checks import check_choice, check_number, check_whole

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
    part `shared_motion_weight` what they say, and not what the generator shows. Light and shade of
    the skin change by the part `painted_light` as the generator paints it, and by the part
    `learned_light` as faces with such landmarks have it (`ExpressionLight`).
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
    shared_motion_weight: float = 0.85
    painted_light: float = 0.5
    learned_light: float = 1.0

    def __post_init__(self) -> None:
        check_choice("method", self.method, COMPOSITES)
        check_whole("flow_size", self.flow_size, 64, 4096)
        for name in ("still", "moving", "feather", "color_blur", "distrust", "steady", "reach"):
            check_number(name, getattr(self, name), 0, 0.5, above=True)
        check_number("correction", self.correction, 0, 1)
        for name in ("shared_motion_weight", "painted_light", "learned_light"):
            check_number(name, getattr(self, name), 0, 1)
        check_number("moving", self.moving, self.still, 0.5, above=True)
