"""Light and shade of an expression: where skin becomes lighter and darker as landmarks move.

A smile raises the cheeks into the light and lays folds beside the nose. What a generator paints of
that is its own face's, and for the person in a photo mostly chance. So it is learned, once, from
pictures of people with and without expressions: landmarks move together in a few principal ways,
and each way has a map of what it does to the skin (scripts/fit_expression_light.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment.face_measures import Landmarks, eye_distance
from photodrag.alignment.head_pose import head_still
from photodrag.checkpoints.tensor_files import TensorFormat
from photodrag.errors import CheckpointError, ContentError
from photodrag.frames import rescaled

from ..imaging.sampling import FloatArray, grid, look_up
from .correction import Correction, finer, follow, some_places

# The names of the tensors in the file => those of the fields.
KEYS = {"middle": "middle", "ways": "displacements", "spread": "spread", "maps": "maps"}
_SHIPPED = Path(__file__).parent / "data" / "expression-light.safetensors"
FORMAT = TensorFormat("photodrag-expression-light", version=1)
_REACH = 0.08  # of the side: how smoothly a face is laid on another
_COARSE = 4  # px of a map between places where that is computed
_KNOWN = (0.4, 0.7)  # of a motion's squared length: so much must be as in expressions
_AROUND = 0.3  # eye distances: so far around a landmark that moves its folds lie
_LIVELY = (0.015, 0.045)  # of the eye distance: motions that fold nothing, and that surely do
_MOST = 3.0  # standard deviations: no expression is taken for a stronger one


@dataclass(frozen=True, eq=False)
class ExpressionLight:
    """What K principal ways in which landmarks move do to the light of the skin.

    `middle` (68, 2): the landmarks of the mean face, in parts of the side of the crop;
    `displacements` (K, 136): motions of all landmarks, x and y of one after the other, of length 1,
    in eye distances; `spread` (K,): their standard deviations over expressions; `maps` (K, G, G):
    the logarithm of the light's factor for one of these, on the mean face.
    """

    middle: Landmarks
    displacements: NDArray[np.float64]
    spread: NDArray[np.float64]
    maps: FloatArray

    def change(
        self, before: Landmarks, after: Landmarks, shown: Landmarks, size: int
    ) -> FloatArray:
        """The logarithm of the light's factor as landmarks (68, 2) move, (size, size).

        All are in pixels of a map of that size; the change is laid on a face with the landmarks
        `shown`. What the head does as a whole changes nothing.
        """
        amounts = self.amounts(before, after)
        light = np.tensordot(amounts.astype(np.float32), self.maps, 1)
        side = len(light)
        onto = to_face(shown, (self.middle * size) - 0.5, size).everywhere(size, _COARSE)
        positions = rescaled(grid(size) + onto, np.float32(side / size))
        return look_up(light[..., None], positions)[..., 0]

    def amounts(self, before: Landmarks, after: Landmarks) -> NDArray[np.float64]:
        """How much of each way (K,) landmarks (68, 2) go, in its standard deviations.

        Less of it all where the motion is not that of an expression, or a far stronger one.
        """
        motion = expression(before, after)
        along = self.displacements @ motion
        known = float(along @ along) / max(float(motion @ motion), 1e-12)
        least, enough = _KNOWN
        amounts = along / self.spread
        most = max(1.0, float(np.abs(amounts).max()) / _MOST)
        found: NDArray[np.float64] = (
            amounts * np.clip((known - least) / (enough - least), 0, 1) / most
        )
        return found


def expression(before: Landmarks, after: Landmarks) -> NDArray[np.float64]:
    """How landmarks (68, 2) move but for the head, (136,), in eye distances."""
    moved = head_still(before, after) - before
    flat: NDArray[np.float64] = moved.ravel() / eye_distance(before)
    return flat


def expected_light(before: Landmarks, after: Landmarks, shown: Landmarks, size: int) -> FloatArray:
    """Where new light and shade are likely, 0..1, (size, size): around what moves in the face.

    What the head does as a whole is not counted. Landmarks (68, 2) as in `ExpressionLight.change`.
    """
    eyes = eye_distance(before)
    lengths = np.linalg.norm(expression(before, after).reshape(-1, 2), axis=1)
    places = some_places(size, _COARSE)
    squared = np.square(places[..., None, :] - shown.astype(np.float32)).sum(axis=-1)
    near = np.exp(-squared / (2 * (_AROUND * eyes) ** 2)) * lengths.astype(np.float32)
    least, enough = _LIVELY
    return finer(np.clip((near.max(axis=-1) - least) / (enough - least), 0, 1), size)


def to_face(landmarks: Landmarks, others: Landmarks, size: int) -> Correction:
    """From places on a face of landmarks (68, 2) to those on a face of others, smoothly."""
    return follow(landmarks, others - landmarks, _REACH * size)


def read_light(path: Path = _SHIPPED) -> ExpressionLight:
    """What `scripts/fitted_files.py` wrote, by default what comes with photodrag.

    CheckpointError for a file that cannot be read.
    """
    try:
        _, tensors = FORMAT.read(path, needed=KEYS)
    except ContentError as error:
        raise CheckpointError(
            f"the light of expressions in {path} cannot be read: {error}; install photodrag again"
        ) from error
    arrays = {name: tensors[key].numpy() for key, name in KEYS.items()}
    maps = np.asarray(arrays.pop("maps"), np.float32)
    return ExpressionLight(
        **{name: np.asarray(array, np.float64) for name, array in arrays.items()}, maps=maps
    )
