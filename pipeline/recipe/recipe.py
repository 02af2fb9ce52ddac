"""A recipe: edits told so that they can be done on any photo."""

from __future__ import annotations

from dataclasses import dataclass, replace

from photodrag.alignment.face_choice import FaceChoice
from photodrag.errors import RecipeError

from ..edit.edit_request import EditRequest
from ..request.face_drag import FaceDrag
from ..settings import DEFAULTS, EditSettings


@dataclass(frozen=True)
class Recipe:
    """Edits of one face or of several, one after the other, each going on from the last.

    The drags of each are in the face's own frame (`FaceDrag`), its mask is a name, or the path of
    a picture of the photo's size, and all are for the same `face`. `settings` are those of all of
    it; of an edit's own those of guide, drag and composite count.
    """

    edits: tuple[EditRequest, ...]
    settings: EditSettings = DEFAULTS

    def __post_init__(self) -> None:
        if not self.edits:
            raise RecipeError('a recipe has nothing to do; give it a "drag"')
        for edit in self.edits:
            if edit.is_empty:
                raise RecipeError('an edit has nothing to do; give it a "drag" or an "adjust"')
            if edit.face != self.face:
                raise RecipeError(
                    f"one edit is for face {self.face}, another for face {edit.face}; "
                    "all of a recipe are for the same"
                )
            for drag in edit.points:
                if not isinstance(drag, FaceDrag):
                    raise RecipeError(
                        f"the drag of {drag.handle} cannot be used on any photo; write "
                        "LANDMARK->DISPLACEMENT in percent, as 'mouth_left->-4%,-4%'"
                    )

    @property
    def face(self) -> FaceChoice:
        """Which face, or all."""
        return self.edits[0].face

    def for_face(self, face: FaceChoice) -> Recipe:
        """The same for another choice of faces."""
        return replace(self, edits=tuple(replace(edit, face=face) for edit in self.edits))
