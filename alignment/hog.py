"""dlib's own detector: the last that is asked, for faces that look at the camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .found import Found
from .landmarks import Frame
from .models import detector


def hog_faces(picture: NDArray[np.uint8]) -> list[Found]:
    """Faces of 80 pixels and more in a picture (H, W, 3) sRGB."""
    rectangles, scores, _ = detector().run(picture, 0, 0.0)
    found = []
    for box, score in zip(rectangles, scores, strict=True):
        centre = complex(box.left() + box.right(), box.top() + box.bottom()) / 2
        # its scores are above 0 and rarely above 3
        found.append(Found(Frame(centre, complex(box.width())), float(1 - np.exp(-score))))
    return found
