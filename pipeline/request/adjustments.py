"""Adjustments by name: what a smile, an opened eye or a broader jaw does to the landmarks.

Each says which landmarks move, and where to, in the face's own frame: in percent of the distance
between the eyes, right along the line of the eyes and down at a right angle to it. The ways were
written from what faces do and rounded; a smile is about that of ten people photographed neutral
and smiling. Poses turn a head instead: `head.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from photodrag.alignment.face_parts import MIRRORED
from photodrag.errors import PointError
from photodrag.suggestions import suggestion

Way = tuple[float, float]
Ways = Mapping[int, Way]
_LIPS = ((61, 67), (62, 66), (63, 65))
POSES = ("yaw", "pitch", "roll")
DEGREES = "degrees"


@dataclass(frozen=True)
class Adjustment:
    """One that is known by name.

    `displacements` are those of landmarks at 1, `look` is that of the irises; a pose has neither.
    Points are dragged `gain` times as far, since a result falls short of what was dragged. `gaps`
    are pairs of landmarks that a negative value brings together: at -1 they meet. `free` are
    landmarks that may go along; the others of `STEADY` are held. `eyes` are the numbers, 0 and 1,
    of the eyes that it opens; below 0 they shut, at -1 wholly, by their lids alone. `reveals`:
    above 0 it shows what no landmark tells of (teeth). `least` and `most` bound the value, in
    `unit`.
    """

    name: str
    text: str
    displacements: Ways
    look: Way | None = None
    gaps: tuple[tuple[int, int], ...] = ()
    free: frozenset[int] = frozenset()
    eyes: tuple[int, ...] = ()
    reveals: bool = False
    gain: float = 1.0
    least: float = -1.0
    most: float = 1.0
    unit: str = ""

    @property
    def is_pose(self) -> bool:
        """Whether it turns the head, in degrees."""
        return self.unit == DEGREES


STEADY = frozenset({2, 14, 17, 19, 21, 22, 24, 26, 27, 28, 29, 30, 36, 39, 42, 45, 48, 51, 54, 57})
"""Landmarks that are held where no adjustment moves them or lets them go."""
_CHEEKS = frozenset({2, 14})


def _both(displacements: Ways) -> Ways:
    """Ways of the viewer's left half, and the same mirrored."""
    right = {MIRRORED[landmark]: (-x, y) for landmark, (x, y) in displacements.items()}
    return MappingProxyType({**right, **displacements})


def _turn(name: str, text: str, most: float, gain: float) -> Adjustment:
    return Adjustment(name, text, {}, gain=gain, least=-most, most=most, unit=DEGREES)


_EYE_LEFT: Ways = {37: (0, -4), 38: (0, -4), 40: (0, 1.5), 41: (0, 1.5)}
_SMILE: Ways = {
    **{48: (-7, -9), 49: (-4, -5), 50: (-2, -3.5), 51: (0, -3), 57: (0, 0.5), 58: (-2, 0)},
    **{59: (-4.5, -3), 60: (-6, -7.5), 61: (-2, -3), 62: (0, -3), 66: (0, 1), 67: (-2, 0.5)},
    **{31: (-1.5, -1), 40: (0, -1.5), 41: (0, -1.5)},
}
# Generated mouths open with a little of a smile; without it, lips grow thick instead.
_OPEN: Ways = {
    **{48: (-4, -2), 60: (-4, -2), 61: (-1, -2), 62: (0, -2)},
    **{58: (0, 9), 57: (0, 9.5), 67: (-0.5, 13), 66: (0, 13.5), 7: (0, 5), 8: (0, 5.5)},
}
_WIDTH: Ways = {
    **{48: (-8, 0), 49: (-5, 0), 50: (-2, 0), 58: (-2, 0), 59: (-5, 0), 60: (-7, 0)},
    **{61: (-2, 0), 67: (-2, 0)},
}
_POUT: Ways = {
    **{48: (5, 0), 60: (5, 0), 49: (2.5, -1.5), 50: (0.5, -2.5), 51: (0, -2.5)},
    **{59: (2.5, 2), 58: (0.5, 3), 57: (0, 3)},
}
_RAISE: Ways = {17: (0, -5), 18: (0, -7), 19: (0, -8), 20: (0, -8), 21: (0, -7)}
_FROWN: Ways = {18: (0.5, 1), 19: (1.5, 3), 20: (3, 5), 21: (4, 6)}
_NOSE: Ways = {31: (-3.5, 0), 32: (-1.5, 0)}
_FACE: Ways = {
    **{0: (-6, 0), 1: (-6, 0), 2: (-6, 0), 3: (-6, 0), 4: (-5.5, 0), 5: (-4.5, 0), 6: (-3, 0)},
    7: (-1.5, 0),
}
_JAW: Ways = {2: (-2, 0), 3: (-5, 0), 4: (-7, 0), 5: (-7, 0), 6: (-5, 0), 7: (-2.5, 0)}
_CHIN: Ways = {4: (0, 1), 5: (0, 3), 6: (0, 6), 7: (0, 9), 8: (0, 10)}
_TABLE = (
    Adjustment("smile", "corners of the mouth out and up; down below 0", _both(_SMILE), gain=1.2),
    Adjustment(
        "mouth_open",
        "mouth opened; below 0 closed by as much as it is open",
        _both(_OPEN),
        gaps=_LIPS,
        free=_CHEEKS,
        reveals=True,
        gain=1.1,
    ),
    Adjustment("mouth_width", "mouth wider; narrower below 0", _both(_WIDTH), gain=1.25),
    Adjustment(
        "lip_pout", "lips pushed forward; pressed together below 0", _both(_POUT), gain=1.35
    ),
    Adjustment(
        "eyes_open",
        "eyes opened wide; below 0 shut, at -1 wholly",
        _both(_EYE_LEFT),
        eyes=(0, 1),
        gain=1.75,
    ),
    Adjustment(
        "eye_left_open", "the eye on the viewer's left alone", _EYE_LEFT, eyes=(0,), gain=1.9
    ),
    Adjustment(
        "eye_right_open",
        "the eye on the viewer's right alone",
        {MIRRORED[landmark]: displacement for landmark, displacement in _EYE_LEFT.items()},
        eyes=(1,),
        gain=1.9,
    ),
    Adjustment("gaze_x", "eyes look to the viewer's right; left below 0", {}, look=(6, 0)),
    Adjustment("gaze_y", "eyes look up; down below 0", {}, look=(0, -3)),
    Adjustment("brows_raise", "brows up; down below 0", _both(_RAISE), gain=1.2),
    Adjustment(
        "brows_frown", "brows drawn together and down; apart below 0", _both(_FROWN), gain=1.25
    ),
    Adjustment("nose_width", "nostrils apart; together below 0", _both(_NOSE), gain=1.6),
    Adjustment("face_width", "face wider; narrower below 0", _both(_FACE), gain=1.5),
    Adjustment(
        "jaw_width", "lower jaw wider; narrower below 0", _both(_JAW), free=_CHEEKS, gain=2.0
    ),
    Adjustment("chin_length", "chin longer; shorter below 0", _both(_CHIN), free=_CHEEKS, gain=1.5),
    _turn("yaw", "head turned to the viewer's right; left below 0", 10, 1.3),
    _turn("pitch", "head turned up; down below 0", 12, 1.15),
    _turn("roll", "head tilted to the viewer's right; left below 0", 10, 1.0),
)
ADJUSTMENTS: Mapping[str, Adjustment] = MappingProxyType({one.name: one for one in _TABLE})
"""All that are known, by name, in the order in which they are listed."""
Adjust = tuple[tuple[str, float], ...]
"""Adjustments asked for: pairs of a name and a value."""


def eye_closings(adjust: Adjust) -> tuple[float, float]:
    """How far adjustments shut both eyes, 0 to 1: what they take from an eye beyond what they add.

    An eye that is shut in part is not opened by others.
    """
    known = [(find_adjustment(name).eyes, value) for name, value in adjust]
    left, right = (sum(value for eyes, value in known if eye in eyes) for eye in (0, 1))
    return min(max(-left, 0.0), 1.0), min(max(-right, 0.0), 1.0)


def parse_adjustment(text: str) -> tuple[str, float]:
    """Read 'smile=0.6'; PointError for what is none, out of bounds, or 0."""
    name, equals, number = text.replace(" ", "").partition("=")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not equals or math.isnan(value):
        raise PointError(f"the adjustment {text!r:.60} is not NAME=NUMBER; write 'smile=0.6'")
    ((name, value),) = check_adjustments([(name, value)])
    return name, value


def check_adjustments(adjust: Iterable[tuple[str, float]]) -> Adjust:
    """The same as a tuple; PointError for an unknown name, a value out of bounds, or one twice."""
    checked: list[tuple[str, float]] = []
    for name, number in adjust:
        known = find_adjustment(name)
        value = float(number)
        if not known.least <= value <= known.most:  # nan, too
            raise PointError(
                f"{name} is {value:g}; it goes from {known.least:g} to {known.most:g}"
                + (f" {known.unit}" if known.unit else "")
            )
        if value == 0:
            raise PointError(f"{name} is 0, which changes nothing; leave it out")
        if any(name == other for other, _ in checked):
            raise PointError(f"{name} is given twice; add the two up")
        checked.append((name, value))
    return tuple(checked)


def find_adjustment(name: str) -> Adjustment:
    """The adjustment of a name; PointError that suggests the nearest one."""
    if name in ADJUSTMENTS:
        return ADJUSTMENTS[name]
    hint = suggestion(name, ADJUSTMENTS, cutoff=0.5)
    raise PointError(f"no adjustment is called {name!r:.60}; {hint}")
