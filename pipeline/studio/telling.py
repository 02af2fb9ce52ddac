"""A session's edits as a page lists them."""

from __future__ import annotations

import math

from ..session import Session, SessionEdit
from .views import EditInfo, PointEnd


def describe_edits(session: Session) -> tuple[EditInfo, ...]:
    """All edits, those that are undone too."""
    return tuple(_describe(edit) for edit in session.edits)


def _describe(edit: SessionEdit) -> EditInfo:
    recipe = edit.recipe
    texts = [str(drag) for drag in recipe.drags]
    texts += [f"{name}={value:g}" for name, value in recipe.adjust]
    count = len(recipe.drags)
    points = tuple(
        PointEnd(point.handle, point.target, reached, math.dist(point.target, reached))
        for point, reached in zip(edit.points[:count], edit.reached[:count], strict=True)
    )
    return EditInfo(", ".join(texts), edit.mask is not None, edit.arrived, points)
