"""What other people's photos are tried with, and what is kept of each trial.

Every adjustment is tried in both directions, four fifths of the way, and five looks as combinations
of some. A trial keeps the face's square and a few numbers; with them, and without the photo, it can
be looked at and measured again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photodrag.alignment import (
    Face,
    Photo,
    align,
    identity_distance,
    open_photo,
    select_face,
)
from photodrag.alignment.landmarks_again import shown_face
from photodrag.checkpoints import Generator
from photodrag.errors import PhotodragError
from photodrag.pipeline import (
    ADJUSTMENTS,
    EditRequest,
    EditRun,
    EditSettings,
    InversionCache,
    reached_adjustments,
)

PART = 0.8  # of the most that each adjustment allows
_SMALLEST, _LARGEST = 512, 1024  # px: sides of a face's square that is kept

Adjust = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class WildEdit:
    """Adjustments that are tried together, under one name."""

    name: str
    adjust: Adjust


LOOKS = (
    WildEdit("look smile", (("smile", 0.8), ("eyes_open", -0.3))),
    WildEdit("look laugh", (("smile", 1.0), ("mouth_open", 0.5))),
    WildEdit("look sad", (("smile", -0.8), ("brows_frown", 0.8))),
    WildEdit("look surprised", (("mouth_open", 1.0), ("brows_raise", 1.0), ("eyes_open", 0.8))),
    WildEdit("look angry", (("brows_frown", 1.0), ("eyes_open", -0.4), ("lip_pout", -0.6))),
)


def every_edit() -> tuple[WildEdit, ...]:
    """The looks, and each adjustment in both directions."""
    single = [
        WildEdit(f"{one.name}={part * one.most:g}", ((one.name, part * one.most),))
        for one in ADJUSTMENTS.values()
        for part in (PART, -PART)
    ]
    return (*LOOKS, *single)


@dataclass(frozen=True, eq=False)
class FaceView:
    """A face's square (S, S, 3) uint8 sRGB, and the landmarks (68, 2) found in it, in its pixels.

    `eye_distance` is that of the photo's face, also in the view of a result.
    """

    pixels: NDArray[np.uint8]
    landmarks: NDArray[np.float64]
    eye_distance: float


@dataclass(frozen=True, eq=False)
class Trial:
    """What is kept of one edit: why it was refused, or what it made.

    `asked` and `reached` are by the adjustment's name; `identity` is dlib's distance to the photo.
    """

    edit: WildEdit
    refused: str | None = None
    view: FaceView | None = None
    asked: Mapping[str, float] | None = None
    reached: Mapping[str, float] | None = None
    identity: float = 0.0
    seconds: float = 0.0


class WildFolder:
    """Where trials of photos are kept, each as soon as it is done, so that a run can go on.

    `made_with` stands beside each; what was made with something else is not used again.
    """

    def __init__(self, folder: Path, inversion: str):
        self.folder, self.inversion = folder, inversion

    def read_photo(self, path: Path) -> FaceView | None:
        """The photo's own face, where it is kept."""
        place = self._place(path, None)
        facts = self._facts(place, self._made_with(path, ()))
        return None if facts is None else _view(place, facts)

    def read(self, path: Path, edit: WildEdit) -> Trial | None:
        """One edit of a photo, where it is kept."""
        place = self._place(path, edit)
        facts = self._facts(place, self._made_with(path, edit.adjust))
        if facts is None:
            return None
        if "refused" in facts:
            return Trial(edit, refused=facts["refused"])
        numbers = {name: facts[name] for name in ("asked", "reached", "identity", "seconds")}
        return Trial(edit, view=_view(place, facts), **numbers)

    def keep_photo(self, path: Path, view: FaceView) -> None:
        """Keep the photo's own face."""
        self._keep(self._place(path, None), self._made_with(path, ()), {}, view)

    def keep(self, path: Path, trial: Trial) -> None:
        """Keep one edit of a photo."""
        names = ("asked", "reached", "identity", "seconds")
        facts = {name: getattr(trial, name) for name in names}
        if trial.view is None:
            facts = {"refused": trial.refused}
        made_with = self._made_with(path, trial.edit.adjust)
        self._keep(self._place(path, trial.edit), made_with, facts, trial.view)

    def _made_with(self, path: Path, adjust: Adjust) -> dict[str, Any]:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return {"photo": digest, "adjust": [[*one] for one in adjust], "inversion": self.inversion}

    def _place(self, path: Path, edit: WildEdit | None) -> Path:
        name = "photo" if edit is None else edit.name.replace(" ", "-")
        return self.folder / path.stem / f"{name}.json"

    def _facts(self, place: Path, made_with: Mapping[str, Any]) -> dict[str, Any] | None:
        if not place.exists():
            return None
        facts: dict[str, Any] = json.loads(place.read_text("utf-8"))
        return facts if facts["made_with"] == made_with else None

    def _keep(
        self,
        place: Path,
        made_with: Mapping[str, Any],
        facts: Mapping[str, Any],
        view: FaceView | None,
    ) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        kept = {"made_with": dict(made_with), **facts}
        if view is not None:
            Image.fromarray(view.pixels).save(_picture(place))
            kept |= {"landmarks": view.landmarks.tolist(), "eye_distance": view.eye_distance}
        half = place.with_suffix(".part")
        half.write_text(json.dumps(kept), "utf-8")
        half.replace(place)


def try_photo(
    path: Path,
    edits: Sequence[WildEdit],
    settings: EditSettings,
    kept: WildFolder,
    tools: tuple[Generator, InversionCache],
) -> Iterator[tuple[FaceView, Trial]]:
    """The photo's largest face beside each of the edits of it, made now or as it is kept.

    PhotodragError for a photo that cannot be read or has no face.
    """
    before = kept.read_photo(path)
    trials = {edit: kept.read(path, edit) for edit in edits}
    is_whole = before is not None and None not in trials.values()
    generator, cache = tools
    photo = None if is_whole else open_photo(path)
    if before is None:
        assert photo is not None
        before = face_view(photo, select_face(cache.faces(photo), 1, photo.size))
        kept.keep_photo(path, before)
    for edit, known in trials.items():
        trial = known
        if trial is None:
            assert photo is not None
            request = EditRequest(adjust=edit.adjust, settings=settings)
            try:
                run = EditRun(photo, request, generator=generator, cache=cache)
                trial = _trial_of(edit, before, run)
            except PhotodragError as error:
                trial = Trial(edit, refused=str(error))
            kept.keep(path, trial)
        yield before, trial


def _trial_of(edit: WildEdit, before: FaceView, run: EditRun) -> Trial:
    """The edit, done."""
    for _ in run:
        pass
    result = run.result
    view = face_view(result.photo, result.start.face)
    reached = reached_adjustments(result)
    return Trial(
        edit,
        view=view,
        asked={one.name: one.asked for one in reached},
        reached={one.name: one.reached for one in reached},
        identity=identity_distance(before.pixels, before.landmarks, view.pixels, view.landmarks),
        seconds=result.seconds["drag"] + result.seconds["composite"],
    )


def face_view(shown: Photo, face: Face) -> FaceView:
    """A face as a photo shows it; its landmarks are found again."""
    again = shown_face(shown, face).landmarks
    side = align(shown, face, _SMALLEST).side
    size = round(min(max(side, _SMALLEST), _LARGEST))
    crop = align(Photo(pixels=shown.srgb()), face, size)
    return FaceView(crop.pixels, crop.to_crop(again), face.eye_distance * size / side)


def _view(place: Path, facts: Mapping[str, Any]) -> FaceView:
    pixels = np.asarray(Image.open(_picture(place)).convert("RGB"))
    return FaceView(pixels, np.array(facts["landmarks"], np.float64), facts["eye_distance"])


def _picture(place: Path) -> Path:
    return place.with_suffix(".png")
