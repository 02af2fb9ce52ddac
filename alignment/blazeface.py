"""BlazeFace, full range: finds faces in the dark and where little is seen of them.

Bazarevsky et al. 2019, MediaPipe; alignment/data/NOTICE.txt says where its weights come from. It
looks at squares of 192 pixels, and finds faces that fill at least about a twelfth of them.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .found import Found, merged
from .landmarks import fitted_frame
from .networks import BLAZEFACE_LOGITS, BLAZEFACE_PLACES, blazeface_network

_INPUT, _CELLS = 192, 48
# the eyes, the tip of the nose, the middle of the mouth in dlib's square: median of 40 portraits
_CANONICAL = np.array([-0.214 - 0.215j, 0.214 - 0.215j, 0.032j, 0.237j])


def blazeface_faces(picture: NDArray[np.uint8], least: float) -> list[Found]:
    """Faces in a picture (H, W, 3) sRGB whose score is at least so high.

    It is looked at as a whole, and in squares of its short side where it is long.
    """
    found = []
    for left, top, side in _squares(*picture.shape[:2]):
        part = picture[max(top, 0) : top + side, max(left, 0) : left + side]
        square = np.zeros((side, side, 3), np.uint8)
        down, right = max(-top, 0), max(-left, 0)
        square[down : down + part.shape[0], right : right + part.shape[1]] = part
        kernel = cv2.INTER_AREA if side > _INPUT else cv2.INTER_LINEAR
        small = np.asarray(cv2.resize(square, (_INPUT, _INPUT), interpolation=kernel), np.uint8)
        scale = side / _INPUT
        back = np.array([[scale, 0, left + scale / 2 - 0.5], [0, scale, top + scale / 2 - 0.5]])
        found += [one.through(back) for one in _in_square(small, least)]
    return merged(found)


def _squares(height: int, width: int) -> list[tuple[int, int, int]]:
    """Left, top and side of the squares that are looked at; the first holds the whole picture."""
    long, short = max(height, width), min(height, width)
    squares = [((width - long) // 2, (height - long) // 2, long)]
    if long > 1.4 * short:
        count = int(np.ceil(2 * long / short)) - 1
        for start in np.linspace(0, long - short, count).astype(int):
            squares.append((int(start), 0, short) if width > height else (0, int(start), short))
    return squares


def _in_square(square: NDArray[np.uint8], least: float) -> list[Found]:
    batch = np.ascontiguousarray(square.transpose(2, 0, 1)[None], np.float32) / 127.5 - 1
    places, logits = blazeface_network().run(batch, BLAZEFACE_PLACES, BLAZEFACE_LOGITS)
    scores = 1 / (1 + np.exp(-np.clip(logits[0, :, 0], -80, 80)))
    found = []
    for cell in np.flatnonzero(scores >= least):
        middle = complex(cell % _CELLS + 0.5, cell // _CELLS + 0.5) * (_INPUT / _CELLS)
        x_and_y = places[0, cell, 4:12].reshape(4, 2).astype(np.float64) @ np.array([1, 1j])
        frame = fitted_frame(x_and_y + middle - (0.5 + 0.5j), _CANONICAL)
        found.append(Found(frame, float(scores[cell])))
    return found
