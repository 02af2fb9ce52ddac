"""Which of the mesh's 468 points are which part of a face: the one home of their numbers.

Left and right are the viewer's. Rows run from the viewer's left to the right, rings from their
leftmost or topmost point clockwise as the viewer sees them. `alignment.mesh_model` knows how the
points hang together; the tests hold these numbers against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MESH_COUNT = 468

EYE_OUTER_LEFT, EYE_INNER_LEFT, EYE_INNER_RIGHT, EYE_OUTER_RIGHT = 33, 133, 362, 263
"""The corners of the eyes: outer ones towards the temples."""
UPPER_LID_LEFT = (33, 246, 161, 160, 159, 158, 157, 173, 133)
"""The upper lid's rim, corners included; each is opposite the same place of the lower rim."""
LOWER_LID_LEFT = (33, 7, 163, 144, 145, 153, 154, 155, 133)
UPPER_LID_RIGHT = (362, 398, 384, 385, 386, 387, 388, 466, 263)
LOWER_LID_RIGHT = (362, 382, 381, 380, 374, 373, 390, 249, 263)
EYE_LEFT = (*UPPER_LID_LEFT, *LOWER_LID_LEFT[-2:0:-1])
"""The ring of both rims."""
EYE_RIGHT = (*UPPER_LID_RIGHT, *LOWER_LID_RIGHT[-2:0:-1])

BROW_TOP_LEFT, BROW_BOTTOM_LEFT = (70, 63, 105, 66, 107), (46, 53, 52, 65, 55)
"""The upper and the lower edge of a brow."""
BROW_TOP_RIGHT, BROW_BOTTOM_RIGHT = (336, 296, 334, 293, 300), (285, 295, 282, 283, 276)

MOUTH_LEFT, MOUTH_RIGHT = 61, 291
"""The corners of the mouth."""
UPPER_LIP_OUTSIDE = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
"""The upper lip's edge towards the skin, corners included; opposite the lower lip's."""
LOWER_LIP_OUTSIDE = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
UPPER_LIP_INSIDE = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
"""The upper lip's edge towards the teeth."""
LOWER_LIP_INSIDE = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
LIPS_OUTSIDE = (*UPPER_LIP_OUTSIDE, *LOWER_LIP_OUTSIDE[-2:0:-1])
"""The ring of both lips' edges."""
LIPS_INSIDE = (*UPPER_LIP_INSIDE, *LOWER_LIP_INSIDE[-2:0:-1])

NOSE_BRIDGE = (168, 6, 197, 195, 5, 4)
"""From between the eyes down to the tip."""
NOSE_TIP, NOSE_BASE = 1, 2
"""The tip, and where the nose meets the upper lip."""
NOSTRILS = (98, 97, 2, 326, 327)
"""Along the nose's lower edge."""

FOREHEAD_TOP, CHIN = 10, 152
JAW = (
    *(234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152),
    *(377, 400, 378, 379, 365, 397, 288, 361, 323, 454),
)
"""From ear to ear over the chin."""
FACE_OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356),
    *JAW[::-1],
    *(127, 162, 21, 54, 103, 67, 109),
)
"""The ring around the whole mesh: forehead, temples, jaw. Hair is outside it."""

MESH_PARTS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "upper_lid_left": UPPER_LID_LEFT,
        "lower_lid_left": LOWER_LID_LEFT,
        "upper_lid_right": UPPER_LID_RIGHT,
        "lower_lid_right": LOWER_LID_RIGHT,
        "eye_left": EYE_LEFT,
        "eye_right": EYE_RIGHT,
        "brow_top_left": BROW_TOP_LEFT,
        "brow_bottom_left": BROW_BOTTOM_LEFT,
        "brow_top_right": BROW_TOP_RIGHT,
        "brow_bottom_right": BROW_BOTTOM_RIGHT,
        "upper_lip_outside": UPPER_LIP_OUTSIDE,
        "lower_lip_outside": LOWER_LIP_OUTSIDE,
        "upper_lip_inside": UPPER_LIP_INSIDE,
        "lower_lip_inside": LOWER_LIP_INSIDE,
        "lips_outside": LIPS_OUTSIDE,
        "lips_inside": LIPS_INSIDE,
        "nose_bridge": NOSE_BRIDGE,
        "nostrils": NOSTRILS,
        "jaw": JAW,
        "face_oval": FACE_OVAL,
    }
)
"""Every row and ring by its name."""
