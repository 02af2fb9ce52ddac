"""Where each pixel of the dragged face came from in the inverted one.

Dense optical flow (DIS, Kroeger et al. 2016, arXiv 1603.03590) in both directions; where going
there and back does not return to the start, the motion says nothing: something new appeared.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..imaging.blurring import blurred
from ..imaging.sampling import FloatArray, as_float, grid, look_up, step_down

_LEADING = ((1.0, 1.0), (3.0, 0.05))  # widths in sigmas, and how much they count
_FADING = 3.0  # sigmas from the face: there what it leads is down to 60 %
_UNLIKE = (18.0, 36.0)  # of 255: a difference in brightness that motion does not explain


@dataclass(frozen=True, eq=False)
class Motion:
    """backward (S, S, 2): pixel p of the dragged face shows what was at p + backward[p].

    trust (S, S): 1 where both directions agree, 0 where they do not. Lengths in pixels of S.
    """

    backward: FloatArray
    trust: FloatArray

    @property
    def size(self) -> int:
        """Pixels per side."""
        return int(self.backward.shape[0])


def measure_motion(
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
    size: int,
    distrust: float,
    known: FloatArray | None = None,
) -> Motion:
    """Motion from `before` to `after`, (H, W, 3) uint8 squares, measured at `size` px.

    Disagreement of the two directions above `distrust` of the side is not trusted. `known`
    (size, size, 2) is a backward motion to begin with; the flow finds what it leaves.
    """
    first, last = (_grey(image, size) for image in (before, after))
    if known is not None:
        carried = look_up(as_float(first)[..., None], grid(size) + known)
        first = np.asarray(carried[..., 0].round(), np.uint8)
    backward, forward = _flow(last, first), _flow(first, last)
    returned = backward + look_up(forward, grid(size) + backward)
    error = np.linalg.norm(returned, axis=2)
    # Motion that carries over, but to another brightness in detail, is not to be trusted either.
    carried = look_up(first[..., None].astype(np.float32), grid(size) + backward)[..., 0]
    unlike = np.abs(cv2.GaussianBlur(carried - last.astype(np.float32), (0, 0), size / 170))
    limit = distrust * size
    trust = step_down(error, limit, 2 * limit) * step_down(unlike, *_UNLIKE)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    soft = cv2.GaussianBlur(cv2.erode(trust, kernel), (0, 0), size / 250)
    if known is not None:
        backward = as_float(backward + look_up(known, grid(size) + backward))
    return Motion(backward, as_float(soft))


def steadied(motion: Motion, face: FloatArray, openings: FloatArray, sigma: float) -> Motion:
    """The motion as measured on the face (S, S), 1 there, and led out from it elsewhere.

    Hair and background are painted anew at every step; their own motion means nothing. So they
    follow the face beside them, averaged over `sigma` px, and the less the further away they are.
    So does what cannot be trusted on the face.
    Something new can appear only in the `openings` (S, S), mouth and eyes; all else is trusted.
    """
    weight = as_float(face * motion.trust)[..., None]
    # In an opening the measured motion leads to what was beside it, and that is hidden there.
    inside = face * np.maximum(motion.trust, openings)
    backward = _led(motion.backward, weight, face, inside, sigma)
    return Motion(backward, as_float(1 - (1 - motion.trust) * openings))


def led_out(flow: FloatArray, face: FloatArray, sigma: float) -> FloatArray:
    """A flow (S, S, 2) as it is on the face (S, S), 1 there; elsewhere it follows and fades."""
    return _led(flow, face[..., None], face, face, sigma)


def _led(
    flow: FloatArray, weight: FloatArray, face: FloatArray, inside: FloatArray, sigma: float
) -> FloatArray:
    """The flow where `inside` is 1; elsewhere averages of it by weight, fading from the face."""
    # Near the face the average over its edge counts, further out that over more of it.
    led, fraction = (
        sum(part * blurred(image, sigma * times) for times, part in _LEADING)
        for image in (as_float(flow * weight), weight)
    )
    distance = cv2.distanceTransform((face < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    fading = np.exp(-0.5 * np.square(distance / (_FADING * sigma)))[..., None]
    outside = led / np.maximum(fraction, 1e-6) * fading
    return as_float(flow * inside[..., None] + outside * (1 - inside[..., None]))


def _grey(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, (size, size), interpolation=cv2.INTER_AREA), np.uint8)


def _flow(source: NDArray[np.uint8], target: NDArray[np.uint8]) -> FloatArray:
    method = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    method.setFinestScale(1)
    method.setPatchSize(12)
    method.setPatchStride(4)
    method.setVariationalRefinementIterations(10)
    method.setVariationalRefinementAlpha(40.0)
    flow = np.zeros((*source.shape, 2), np.float32)
    return np.asarray(method.calc(source, target, flow), np.float32)
