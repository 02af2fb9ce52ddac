"""Colours of the change, in linear light: what the motion leaves, and what suits the photo."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop, Photo

from ..imaging.blurring import blurred
from ..imaging.linear_light import to_linear
from ..imaging.sampling import FloatArray, as_float, grid, look_up, step_down
from .motion import Motion
from .settings import CompositeSettings

_BLACK = 0.02  # of full light: no factor is formed from less
_GAINS = (0.4, 2.5)
_OVERALL = 0.05  # of the map's side: what is as wide as this is no fold of skin
_UNLIKE = (0.08, 0.16)  # of full light: photo and generator differ so much only by mistake
_WIDE_SHARE = 0.1  # of the wider surrounding in the colours of what is new


@dataclass(frozen=True, eq=False)
class Colors:
    """Colours of the crop in linear light of the photo's space, (S, S, 3).

    gain: what the motion leaves of the change, coarse, as a factor of the light; painted: what is
    shown where something new appears, at its own size; match: what brings that to the photo's
    colours.
    """

    gain: FloatArray
    painted: FloatArray
    match: FloatArray


@dataclass(frozen=True, eq=False)
class PaintedFaces:
    """Generated faces (S, S, 3) uint8 sRGB whose colours are compared.

    `new` is shown where something new appears; None: `after`.
    """

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    new: NDArray[np.uint8] | None = None


@dataclass(frozen=True, eq=False)
class SkinLight:
    """How light and shade of the skin change by an expression, in maps (size, size).

    learned: as faces with such landmarks have it, the logarithm of a factor. expected: 1 where the
    face moves by an expression, so that new light and shade are likely, 0 where it does not: what
    is painted there, glasses for instance, is another face's.
    """

    learned: FloatArray
    expected: FloatArray


def measure_colors(
    photo: Photo,
    crop: FaceCrop,
    painted: PaintedFaces,
    motion: Motion,
    face: FloatArray,
    settings: CompositeSettings,
    light: SkinLight | None = None,
) -> Colors:
    """Compare generated faces with each other and with the crop.

    `face` (size, size) is 1 on the face. The gain is that which the generator paints, by the part
    `painted_light` of the settings, and what the `light` says.
    """
    size = motion.size
    blur = settings.color_blur * size  # map px: how coarse the change of colour is
    seen = [
        to_linear(photo.from_srgb(image)) for image in (painted.before, painted.after, crop.pixels)
    ]
    new = seen[1] if painted.new is None else to_linear(photo.from_srgb(painted.new))
    small_before, small_after, small_photo, small_new = (
        np.asarray(cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA), np.float32)
        for image in (*seen, new)
    )
    source = grid(size) + motion.backward
    trust = motion.trust[..., None]
    # Averages over trusted pixels only: the dark of an opened mouth must not leak into the lips.
    left_over = as_float((small_after - look_up(small_before, source)) * trust)
    change = as_float(blurred(left_over, blur) / np.maximum(blurred(trust, blur), 1e-3))
    # Outside the face motion is an average: an edge of hair that it misses is no change of colour.
    change = as_float(change * face[..., None])
    # Far from trusted pixels the colours of a wider surrounding count.
    carried = look_up(small_photo, source)
    # As a factor, for light and shade multiply: dark hair beside a darker cheek stays hair.
    base = blurred(as_float(carried * trust), blur) / np.maximum(blurred(trust, blur), 1e-3)
    gain = as_float(np.clip((base + change + _BLACK) / (base + _BLACK), *_GAINS))
    # What changes all over the face is the generator's taste, not the drag's: skin keeps its tone.
    weight = as_float(face[..., None] * trust)
    overall = blurred(as_float(np.log(gain) * weight), _OVERALL * size)
    overall = as_float(overall / np.maximum(blurred(weight, _OVERALL * size), 1e-3))
    gain = as_float(np.log(gain) - overall * face[..., None]) * settings.painted_light
    if light is not None:
        gain = as_float(gain * light.expected[..., None] + light.learned[..., None] * weight)
    gain = as_float(np.clip(np.exp(gain), *_GAINS))
    # Hair that the motion mistakes for skin says nothing about the colours of what is painted.
    apart = as_float(carried * gain - small_new)
    alike = as_float(trust * step_down(np.abs(apart).max(axis=2, keepdims=True), *_UNLIKE))
    apart = as_float(apart * alike)
    near, wide = 3 * blur, 12 * blur
    total = blurred(apart, near) + _WIDE_SHARE * blurred(apart, wide)
    fraction = blurred(alike, near) + _WIDE_SHARE * blurred(alike, wide)
    return Colors(gain, new, as_float(total / np.maximum(fraction, 1e-4)))
