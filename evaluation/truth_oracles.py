"""What the truth pairs are tried with that looks at the answer: the best that a part could give."""

from __future__ import annotations

import time

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import Photo, align
from photodrag.pipeline.imaging.linear_light import from_linear, to_linear

from .truth import TruthPair
from .truth_systems import Outcome, System, border_of, warped

_FLOW_SIZE = 640  # px of the face's square, where motion and light are measured
_FLOW_FADE = 0.1  # of half its side, over which that motion fades at the border
FINEST = 0.03  # of the distance between the eyes: no finer light and shade is compared
_DARK = 0.02  # of full light, added before two are compared
_MOST = 2.5  # that light changes by, as a factor
_OPENINGS = (slice(36, 42), slice(42, 48), slice(48, 60))
_AROUND = 0.05  # of the distance between the eyes: around eyes and mouth, which stay


def true_motion(pair: TruthPair) -> Outcome:
    """The photo's pixels moved as between the two photos: what moving them could give at best.

    No method: it looks at the truth, by optical flow (DIS) of the face's square.
    """
    begin = time.perf_counter()
    photos = (pair.photo, Photo(pixels=pair.truth))
    crop, other = (align(photo, pair.face, _FLOW_SIZE) for photo in photos)
    method = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    method.setFinestScale(0)
    method.setVariationalRefinementIterations(10)
    there, here = (cv2.cvtColor(face.pixels, cv2.COLOR_RGB2GRAY) for face in (other, crop))
    flow = np.zeros((_FLOW_SIZE, _FLOW_SIZE, 2), np.float32)
    flow = np.asarray(method.calc(there, here, flow), np.float32)
    steps = np.abs(np.linspace(-1, 1, _FLOW_SIZE))
    fade = np.clip((1 - np.maximum(steps[:, None], steps)) / _FLOW_FADE, 0, 1)
    flow *= fade[..., None].astype(np.float32)

    def look(positions: NDArray[np.float64]) -> NDArray[np.float64]:
        here = crop.to_crop(positions.reshape(-1, 2))
        x, y = cv2.split(np.asarray(here.reshape(positions.shape), np.float32))
        way = cv2.remap(flow, x, y, cv2.INTER_LINEAR).reshape(-1, 2)
        return crop.to_photo(here + way).reshape(positions.shape)

    return warped(pair, border_of(crop), look, begin)


def true_light(pair: TruthPair, edit: System) -> Outcome:
    """What an edit makes, with the truth's light and shade on the skin.

    No method: it looks at the truth. Brightness alone, averaged over `FINEST`, and neither in the
    eyes nor the mouth.
    """
    outcome = edit(pair)
    begin = time.perf_counter()
    crop, truth = (
        align(Photo(pixels=pixels), pair.face, _FLOW_SIZE)
        for pixels in (outcome.photo.srgb(), pair.truth)
    )
    eyes = pair.face.eye_distance * crop.size / crop.side
    light, goal = (soft_light(one.pixels, FINEST * eyes) for one in (crop, truth))
    ratio = log_factor(light, goal) * skin(crop.to_crop(pair.targets), _AROUND * eyes, _FLOW_SIZE)
    factor = np.exp(cv2.warpAffine(ratio, crop.inverse, pair.photo.size))
    pixels = outcome.photo.pixels.copy()
    where = factor != 1
    pixels[where] = from_linear(to_linear(pixels)[where] * factor[where, None], pixels.dtype)
    seconds = outcome.seconds + time.perf_counter() - begin
    return Outcome(
        outcome.photo.with_pixels(pixels), outcome.changed | where, seconds, outcome.faces
    )


def soft_light(pixels: NDArray[np.uint8], size: float) -> NDArray[np.float32]:
    """Linear brightness (H, W) of sRGB pixels (H, W, 3), averaged over `size` pixels."""
    return np.asarray(cv2.GaussianBlur(to_linear(pixels).mean(axis=2), (0, 0), size), np.float32)


def log_factor(before: NDArray[np.float32], after: NDArray[np.float32]) -> NDArray[np.float32]:
    """The logarithm of the factor by which light (H, W) changes; none in black, none too large."""
    factor = np.clip((after + _DARK) / (before + _DARK), 1 / _MOST, _MOST)
    return np.asarray(np.log(factor), np.float32)


def skin(landmarks: NDArray[np.float64], margin: float, size: int) -> NDArray[np.float32]:
    """1 between jaw and brows but for eyes and mouth, soft at its edge, (size, size)."""
    area = np.zeros((size, size), np.float32)
    for part, value in ((slice(None), 1.0), *((part, 0.0) for part in _OPENINGS)):
        hull = cv2.convexHull(np.round(landmarks[part]).astype(np.int32))
        cv2.fillConvexPoly(area, hull, value)
        if not value:
            cv2.polylines(area, [hull], True, value, max(1, round(2 * margin)))
    return np.asarray(cv2.GaussianBlur(area, (0, 0), margin / 2), np.float32)
