"""YuNet finds faces of 10 to 300 pixels anywhere in a picture, of any pose, also half covered.

Wu, Peng and Yu 2023; alignment/data/NOTICE.txt says where its weights come from.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .found import Found, merged
from .landmarks import fitted_frame
from .networks import YUNET_OUTPUTS, YUNET_STRIDES, yunet_network

MOST = 300  # pixels: larger faces are found in a smaller copy
# the eyes, the tip of the nose, the corners of the mouth in dlib's square: median of 40 portraits
_CANONICAL = np.array([-0.215 - 0.228j, 0.215 - 0.228j, 0.021j, -0.188 + 0.215j, 0.188 + 0.215j])


def yunet_faces(picture: NDArray[np.uint8], least: float) -> list[Found]:
    """Faces in a picture (H, W, 3) sRGB whose score is at least so high."""
    height, width = picture.shape[:2]
    below, beside = -height % YUNET_STRIDES[-1], -width % YUNET_STRIDES[-1]
    padded = cv2.copyMakeBorder(picture, 0, below, 0, beside, cv2.BORDER_CONSTANT)
    batch = np.ascontiguousarray(padded[..., ::-1].transpose(2, 0, 1)[None], np.float32)
    outputs = [one[0] for one in yunet_network().run(batch, *YUNET_OUTPUTS)]
    found = []
    for number, stride in enumerate(YUNET_STRIDES):
        kind, there, box, points = outputs[4 * number : 4 * number + 4]
        scores = np.sqrt(np.clip(kind[:, 0], 0, 1) * np.clip(there[:, 0], 0, 1))
        columns = padded.shape[1] // stride
        for cell in np.flatnonzero(scores >= least):
            if stride * np.exp(box[cell, 2:]).max() > MOST:
                continue
            corner = complex(cell % columns, cell // columns)
            places = (points[cell, ::2] + 1j * points[cell, 1::2] + corner) * stride
            frame = fitted_frame(places.astype(np.complex128), _CANONICAL)
            found.append(Found(frame, float(scores[cell])))
    return merged(found)
