"""A real portrait in, an edited portrait out: all stages together. Loaded at first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .adjusting import Reached, reached_adjustments
    from .adjustments import ADJUSTMENTS, Adjustment, parse_adjustment
    from .batch_run import BatchRun
    from .batch_task import plan_batch
    from .batch_work import BatchSettings
    from .continuing import Start, continue_from
    from .device import choose_device
    from .editing import EditRun, edit
    from .face_choice import FaceChoice, parse_face
    from .face_drag import FaceDrag, parse_face_drag
    from .faces_run import FacesRun, PlannedEdit
    from .head import HeadPose, fit_head
    from .inversion_cache import InversionCache
    from .invert import InvertRun
    from .inverted_drag import InvertedDragRun
    from .mask_names import MASKS
    from .named_masks import named_mask
    from .points import DragSpec, parse_drag
    from .recipe import Recipe, RecipeEdit
    from .recipe_file import read_recipe, write_recipe
    from .recipe_plan import plan_recipe
    from .session import Session
    from .session_folder import SessionFolder
    from .session_work import SessionWork, keep_session
    from .settings import CompositeSettings, EditSettings
    from .values import EditResult, EditStep

__all__ = [
    "ADJUSTMENTS",
    "MASKS",
    "Adjustment",
    "BatchRun",
    "BatchSettings",
    "CompositeSettings",
    "DragSpec",
    "EditResult",
    "EditRun",
    "EditSettings",
    "EditStep",
    "FaceChoice",
    "FaceDrag",
    "FacesRun",
    "HeadPose",
    "InversionCache",
    "InvertRun",
    "InvertedDragRun",
    "PlannedEdit",
    "Reached",
    "Recipe",
    "RecipeEdit",
    "Session",
    "SessionFolder",
    "SessionWork",
    "Start",
    "choose_device",
    "continue_from",
    "edit",
    "fit_head",
    "keep_session",
    "named_mask",
    "parse_adjustment",
    "parse_drag",
    "parse_face",
    "parse_face_drag",
    "plan_batch",
    "plan_recipe",
    "reached_adjustments",
    "read_recipe",
    "write_recipe",
]

# No function may have the name of its module: importing that module would hide the function.
_HOMES = {
    "ADJUSTMENTS": "adjustments",
    "MASKS": "mask_names",
    "Adjustment": "adjustments",
    "BatchRun": "batch_run",
    "BatchSettings": "batch_work",
    "CompositeSettings": "settings",
    "DragSpec": "points",
    "EditResult": "values",
    "EditRun": "editing",
    "EditSettings": "settings",
    "EditStep": "values",
    "FaceChoice": "face_choice",
    "FaceDrag": "face_drag",
    "FacesRun": "faces_run",
    "HeadPose": "head",
    "InversionCache": "inversion_cache",
    "InvertRun": "invert",
    "InvertedDragRun": "inverted_drag",
    "PlannedEdit": "faces_run",
    "Reached": "adjusting",
    "Recipe": "recipe",
    "RecipeEdit": "recipe",
    "Session": "session",
    "SessionFolder": "session_folder",
    "SessionWork": "session_work",
    "Start": "continuing",
    "choose_device": "device",
    "continue_from": "continuing",
    "edit": "editing",
    "fit_head": "head",
    "keep_session": "session_work",
    "named_mask": "named_masks",
    "parse_adjustment": "adjustments",
    "parse_drag": "points",
    "parse_face": "face_choice",
    "parse_face_drag": "face_drag",
    "plan_batch": "batch_task",
    "plan_recipe": "recipe_plan",
    "reached_adjustments": "adjusting",
    "read_recipe": "recipe_file",
    "write_recipe": "recipe_file",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
