from .batch.run import BatchRun as BatchRun
from .batch.task import plan_batch as plan_batch
from .batch.worker import BatchSettings as BatchSettings
from .cache.inversion_cache import InversionCache as InversionCache
from .composite.settings import CompositeSettings as CompositeSettings
from .edit.edit_run import EditRun as EditRun
from .edit.faces_run import FacesRun as FacesRun
from .edit.invert_run import InvertRun as InvertRun
from .edit.inverted_drag_run import InvertedDragRun as InvertedDragRun
from .edit.reached import Reached as Reached
from .edit.reached import reached_adjustments as reached_adjustments
from .edit.start import continue_from as continue_from
from .edit.values import (
    EditResult as EditResult,
)
from .edit.values import (
    EditStep as EditStep,
)
from .edit.values import (
    PlannedEdit as PlannedEdit,
)
from .edit.values import (
    Start as Start,
)
from .option_settings import ChangeOptions as ChangeOptions
from .recipe.recipe import Recipe as Recipe
from .recipe.recipe import RecipeEdit as RecipeEdit
from .recipe.recipe import plan_recipe as plan_recipe
from .recipe.recipe_file import read_recipe as read_recipe
from .recipe.recipe_file import write_recipe as write_recipe
from .request.adjustments import (
    ADJUSTMENTS as ADJUSTMENTS,
)
from .request.adjustments import (
    Adjustment as Adjustment,
)
from .request.adjustments import (
    parse_adjustment as parse_adjustment,
)
from .request.drag_spec import DragSpec as DragSpec
from .request.drag_spec import parse_drag as parse_drag
from .request.face_drag import FaceDrag as FaceDrag
from .request.face_drag import parse_face_drag as parse_face_drag
from .request.mask_names import MASKS as MASKS
from .request.masks import named_mask as named_mask
from .runtime.device import choose_device as choose_device
from .session.folder import SessionFolder as SessionFolder
from .session.session import Session as Session
from .session.work import SessionWork as SessionWork
from .session.work import keep_session as keep_session
from .settings import EditSettings as EditSettings
