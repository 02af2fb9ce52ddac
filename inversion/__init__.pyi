from .perceptual import PerceptualDistance as PerceptualDistance
from .perceptual import load_perceptual as load_perceptual
from .project import ProjectRun as ProjectRun
from .settings import (
    DEFAULTS as DEFAULTS,
)
from .settings import (
    PRESETS as PRESETS,
)
from .settings import (
    InversionSettings as InversionSettings,
)
from .settings import (
    LossSettings as LossSettings,
)
from .settings import (
    ProjectSettings as ProjectSettings,
)
from .settings import (
    TuneSettings as TuneSettings,
)
from .store import read_inversion as read_inversion
from .store import save_inversion as save_inversion
from .target import Target as Target
from .target import make_target as make_target
from .tune import TuneRun as TuneRun
from .values import Inversion as Inversion
from .values import InvertStep as InvertStep
from .values import Losses as Losses
