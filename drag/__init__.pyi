from .run import DragRun as DragRun
from .settings import (
    DEFAULTS as DEFAULTS,
)
from .settings import (
    OFFICIAL as OFFICIAL,
)
from .settings import (
    PRESETS as PRESETS,
)
from .settings import (
    DragSettings as DragSettings,
)
from .values import DragPoint as DragPoint
from .values import DragStep as DragStep
