"""Colours that a PNG tells by a gamma and by the places of its primaries (gAMA, cHRM)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .png_chunks import told_colours
from .profiles import (
    D65,
    SRGB_CURVE,
    SRGB_PRIMARIES,
    colour_profile,
    curve_of,
    grey_profile,
)

_WHOLE = 100_000  # the numbers of both chunks count hundred thousandths
_SRGB_GAMMA = 45_455
_NEAR = 60  # of them: encoders round differently
_GAMMAS = range(10_000, 400_001)  # others are damage: a photo of them would be black or white


def profile_of_png(data: bytes, grey: bool) -> bytes | None:
    """An ICC profile of what the chunks say; None where that is sRGB, nothing, or impossible.

    A gamma alone is one of sRGB's primaries; primaries alone have sRGB's curve.
    """
    gamma, places = told_colours(data)
    return _profile(gamma, places, grey)


def profile_of_info(info: Mapping[Any, Any], grey: bool) -> bytes | None:
    """The same of an image that Pillow opened, which keeps the chunks as numbers."""
    if "srgb" in info or not isinstance(info.get("gamma", 0.0), int | float):
        return None
    gamma, chromaticities = info.get("gamma"), info.get("chromaticity", ())
    places: tuple[int, ...] | None = None
    if len(chromaticities) == len((*D65, *SRGB_PRIMARIES)):
        places = tuple(round(number * _WHOLE) for number in chromaticities)
    return _profile(None if gamma is None else round(gamma * _WHOLE), places, grey)


def _profile(gamma: int | None, places: tuple[int, ...] | None, grey: bool) -> bytes | None:
    if gamma is not None and gamma not in _GAMMAS:
        gamma = None
    white = D65
    primaries: tuple[float, ...] = SRGB_PRIMARIES
    if places is not None and not grey and not _is_srgb(places):
        white = (places[0] / _WHOLE, places[1] / _WHOLE)
        primaries = tuple(number / _WHOLE for number in places[2:])
        if any(not 0 < y < 1 for y in (white[1], *primaries[1::2])) or max(primaries) > 1:
            return None
    has_srgb_gamma = gamma is None or abs(gamma - _SRGB_GAMMA) <= _NEAR
    if has_srgb_gamma and primaries == SRGB_PRIMARIES:
        return None
    curve = curve_of(*SRGB_CURVE) if gamma is None else curve_of(_WHOLE / gamma)
    name = "PNG" if gamma is None else f"PNG, gamma {_WHOLE / gamma:.3g}"
    if grey:
        return grey_profile(name, curve)
    try:
        return colour_profile(name, primaries, curve, white)
    except np.linalg.LinAlgError:
        return None


def _is_srgb(places: tuple[int, ...]) -> bool:
    usual = (*D65, *SRGB_PRIMARIES)
    return all(
        abs(number - value * _WHOLE) <= _NEAR for number, value in zip(places, usual, strict=True)
    )
