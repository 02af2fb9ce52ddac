"""Which of the 68 landmarks are which part of a face: the one home of their numbers.

Left and right are the viewer's. Slices are for arrays of landmarks (68, 2), tuples and ranges are
numbers of landmarks.
"""

from __future__ import annotations

OUTLINE = slice(0, 17)
"""The jaw, from ear to ear over the chin."""
BROW_LEFT, BROW_RIGHT = slice(17, 22), slice(22, 27)
BROWS = slice(17, 27)
NOSE = slice(27, 36)
NOSE_BASE = 33
EYE_LEFT, EYE_RIGHT = slice(36, 42), slice(42, 48)
EYES = (EYE_LEFT, EYE_RIGHT)
"""The lids of both eyes, each from corner to corner over the upper lid and back."""
BOTH_EYES = slice(36, 48)
EYE_CORNERS = (36, 39, 42, 45)
UPPER_LIDS, LOWER_LIDS = ((37, 38), (43, 44)), ((40, 41), (46, 47))
"""Of both eyes, the lids between the corners."""
LID_CORNERS = ((36, 39), (42, 45))
"""The corners of both eyes."""
LIPS = slice(48, 68)
LIP_NUMBERS = range(48, 68)
LIPS_OUTSIDE, LIPS_INSIDE = slice(48, 60), slice(60, 68)
"""The edge of the lips towards the skin, and towards the teeth."""
MOUTH_LEFT, MOUTH_RIGHT = 48, 54
"""The corners of the mouth."""
UPPER_LIP, LOWER_LIP = (*range(49, 54), 61, 62, 63), (*range(55, 60), 65, 66, 67)
LIP_PAIRS = ((61, 67), (62, 66), (63, 65))
"""Upper and lower lip, opposite each other, at the edge towards the teeth."""
RIGID = (*range(27, 36), *EYE_CORNERS)
"""Landmarks that expressions move little: the nose and the corners of the eyes."""
SQUARE = (*range(36, 48), MOUTH_LEFT, MOUTH_RIGHT)
"""What the face's square hangs on: the eyes and the corners of the mouth."""
MIRRORED = (
    *range(16, -1, -1),
    *range(26, 16, -1),
    *(27, 28, 29, 30, 35, 34, 33, 32, 31),
    *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),
    *(54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55),
    *(64, 63, 62, 61, 60, 67, 66, 65),
)
"""Each landmark's mirror image."""
