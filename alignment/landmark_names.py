"""The 68 landmarks by name. Left is the viewer's left, outer and inner are seen from the nose."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from photodrag.errors import LandmarkError
from photodrag.suggestions import suggestion

LANDMARK_COUNT = 68
LANDMARK_NAMES: Mapping[str, int] = MappingProxyType(
    {
        "jaw_left": 0,
        "cheek_left": 4,
        "chin": 8,
        "cheek_right": 12,
        "jaw_right": 16,
        "brow_left_outer": 17,
        "brow_left_middle": 19,
        "brow_left_inner": 21,
        "brow_right_inner": 22,
        "brow_right_middle": 24,
        "brow_right_outer": 26,
        "nose_top": 27,
        "nose_tip": 30,
        "nostril_left": 31,
        "nose_bottom": 33,
        "nostril_right": 35,
        "eye_left_outer": 36,
        "eye_left_top_outer": 37,
        "eye_left_top_inner": 38,
        "eye_left_inner": 39,
        "eye_left_bottom_inner": 40,
        "eye_left_bottom_outer": 41,
        "eye_right_inner": 42,
        "eye_right_top_inner": 43,
        "eye_right_top_outer": 44,
        "eye_right_outer": 45,
        "eye_right_bottom_outer": 46,
        "eye_right_bottom_inner": 47,
        "mouth_left": 48,
        "lip_top_left": 50,
        "lip_top": 51,
        "lip_top_right": 52,
        "mouth_right": 54,
        "lip_bottom_right": 56,
        "lip_bottom": 57,
        "lip_bottom_left": 58,
        "mouth_left_inner": 60,
        "lip_top_inner": 62,
        "mouth_right_inner": 64,
        "lip_bottom_inner": 66,
    }
)
"""Names of landmarks, as `photodrag landmarks` numbers them."""


def landmark_index(name: str) -> int:
    """The index, 0 to 67, of a landmark's name or of a number written as text.

    LandmarkError for anything else; it suggests the nearest name.
    """
    if name in LANDMARK_NAMES:
        return LANDMARK_NAMES[name]
    if name.isascii() and name.isdigit():
        if int(name) < LANDMARK_COUNT:
            return int(name)
        raise LandmarkError(f"landmark {name} does not exist; the last one is 67")
    otherwise = "use 0 to 67 or a name such as 'mouth_left'"
    hint = suggestion(name, LANDMARK_NAMES, otherwise, cutoff=0.5)
    raise LandmarkError(f"no landmark is called {name!r}; {hint}")
