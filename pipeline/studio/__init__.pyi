from .engine.exporting import SAVE_EXTENSIONS as SAVE_EXTENSIONS
from .engine.job_queue import Ticket as Ticket
from .engine.settings import StudioSettings as StudioSettings
from .engine.studio import Studio as Studio
from .engine.uploads import Upload as Upload
from .engine.workspace import Workspace as Workspace
from .protocol.events import (
    Done as Done,
)
from .protocol.events import (
    Event as Event,
)
from .protocol.events import (
    Failed as Failed,
)
from .protocol.events import (
    Frame as Frame,
)
from .protocol.events import (
    Paused as Paused,
)
from .protocol.events import (
    Progress as Progress,
)
from .protocol.events import (
    Stopped as Stopped,
)
from .protocol.events import (
    Waiting as Waiting,
)
from .protocol.events import (
    Working as Working,
)
from .protocol.requests import (
    MaskRequest as MaskRequest,
)
from .protocol.requests import (
    PageEdit as PageEdit,
)
from .protocol.requests import (
    PointRequest as PointRequest,
)
from .protocol.requests import (
    Stroke as Stroke,
)
from .protocol.views import (
    Command as Command,
)
from .protocol.views import (
    EditInfo as EditInfo,
)
from .protocol.views import (
    Landmark as Landmark,
)
from .protocol.views import (
    PhotoInfo as PhotoInfo,
)
from .protocol.views import (
    Picture as Picture,
)
from .protocol.views import (
    PointEnd as PointEnd,
)
from .protocol.views import (
    SavedFile as SavedFile,
)
from .protocol.views import (
    WorkspaceState as WorkspaceState,
)
