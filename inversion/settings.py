"""Settings of projection and tuning; every default number of the package stands here once."""

from __future__ import annotations

from dataclasses import dataclass, field

from photodrag.checks import check_choice, check_number, check_whole

SPACES = ("w", "w+")
STARTS = ("encoder", "mean")


@dataclass(frozen=True)
class LossSettings:
    """How an image is compared with the photo.

    Pixels (mean square error in -1..1) and the perceptual distance are compared at `resolution`,
    and at `coarse` in the first steps of projection; outside the face both count `background` as
    much, and outside the photo not at all.
    """

    resolution: int = 256
    coarse: int = 128
    perceptual: str = "st-alex"
    perceptual_weight: float = 2.0
    background: float = 0.2

    def __post_init__(self) -> None:
        check_whole("resolution", self.resolution, 16)
        check_whole("coarse", self.coarse, 32)
        check_number("perceptual_weight", self.perceptual_weight)
        check_number("background", self.background, 0, 1)


@dataclass(frozen=True)
class ProjectSettings:
    """Projection into W (Karras et al. 2020, appendix D).

    It begins where the encoder guesses (`start`; at the mean where no encoder fits the generator),
    and compares coarse images in the first `coarse_part` of the steps. `prior` weighs the mean
    square of the whitened latent (1 for a typical face). The learning rate ramps up over the first
    `ramp_up` of the steps and down over the last `ramp_down`; noise of `noise` standard deviations
    fades out over the first `noise_fade`. With space "w+" every row is then set free for
    `plus_steps`, held to the pivot by `plus_prior`.
    """

    steps: int = 40
    coarse_part: float = 0.2
    learning_rate: float = 0.07
    ramp_up: float = 0.05
    ramp_down: float = 0.4
    noise: float = 0.0
    noise_fade: float = 0.5
    prior: float = 0.002
    start: str = "encoder"
    space: str = "w"
    plus_steps: int = 40
    plus_learning_rate: float = 0.02
    plus_prior: float = 0.02
    seed: int = 0

    def __post_init__(self) -> None:
        check_whole("steps", self.steps, 1)
        check_number("coarse_part", self.coarse_part, 0, 1)
        check_number("learning_rate", self.learning_rate, above=True)
        check_number("ramp_up", self.ramp_up, 0, 1)
        check_number("ramp_down", self.ramp_down, 0, 1)
        check_number("noise", self.noise)
        check_number("noise_fade", self.noise_fade, 0, 1, above=True)
        check_number("prior", self.prior)
        check_choice("start", self.start, STARTS)
        check_choice("space", self.space, SPACES)
        check_whole("plus_steps", self.plus_steps, 1)
        check_number("plus_learning_rate", self.plus_learning_rate, above=True)
        check_number("plus_prior", self.plus_prior)
        check_whole("seed", self.seed, 0)


@dataclass(frozen=True)
class TuneSettings:
    """Pivotal tuning of all synthesis weights (Roich et al. 2021, arXiv 2106.05744).

    `step_size` is relative: each tensor moves by at most about this part of its root mean square
    per step. Only the last `full_part` of the steps paint the whole image, and before them every
    `full_every`-th (0: none), where the generator can paint a smaller one. Tuning stops when the
    perceptual distance falls to `stop_distance`. `pixel_weight` weighs the mean square error beside
    the perceptual distance, `sharp_weight` the mean absolute error at full size; what is outside
    the face counts `background` as much (None: as much as in projection). `locality_weight` keeps
    the images of random latents near the pivot as they were (equation 4), every `locality_every`
    steps.
    """

    steps: int = 60
    full_part: float = 0.25
    full_every: int = 0
    step_size: float = 3e-3
    stop_distance: float = 0.0015
    pixel_weight: float = 1.0
    sharp_weight: float = 0.3
    background: float | None = None
    locality_weight: float = 0.0
    locality_every: int = 4
    locality_reach: float = 30.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_whole("steps", self.steps, 0)
        check_number("full_part", self.full_part, 0, 1)
        check_whole("full_every", self.full_every, 0)
        check_number("step_size", self.step_size, above=True)
        check_number("stop_distance", self.stop_distance)
        check_number("pixel_weight", self.pixel_weight)
        check_number("sharp_weight", self.sharp_weight)
        if self.background is not None:
            check_number("background", self.background, 0, 1)
        check_number("locality_weight", self.locality_weight)
        check_whole("locality_every", self.locality_every, 1)
        check_number("locality_reach", self.locality_reach, above=True)
        check_whole("seed", self.seed, 0)


@dataclass(frozen=True)
class InversionSettings:
    """Everything that an inversion can be told."""

    loss: LossSettings = field(default_factory=LossSettings)
    project: ProjectSettings = field(default_factory=ProjectSettings)
    tune: TuneSettings = field(default_factory=TuneSettings)


DEFAULTS = InversionSettings()
LOSS_DEFAULTS, PROJECT_DEFAULTS, TUNE_DEFAULTS = DEFAULTS.loss, DEFAULTS.project, DEFAULTS.tune
QUICK = InversionSettings(
    project=ProjectSettings(steps=20, coarse_part=1.0), tune=TuneSettings(steps=0)
)
"""Coarse images alone, and no tuning: for composites, which carry over motion and light, and of the
generator's own pixels a newly opened mouth alone."""
THOROUGH = InversionSettings(
    tune=TuneSettings(
        steps=140,
        full_part=0.3,
        stop_distance=0.0,
        pixel_weight=4.0,
        sharp_weight=1.2,
        background=1.0,
    )
)
INSTANT = InversionSettings(project=ProjectSettings(steps=2), tune=TuneSettings(steps=0))
"""The encoder's guess, two steps nearer; otherwise as `QUICK`."""
PRESETS = {"instant": INSTANT, "quick": QUICK, "default": DEFAULTS, "thorough": THOROUGH}
