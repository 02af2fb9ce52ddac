"""Masks of names and strokes of a brush."""

import math

import numpy as np
import pytest

from photodrag.alignment import Face
from photodrag.errors import MaskError, SettingsError
from photodrag.pipeline.request.masks import named_mask
from photodrag.pipeline.studio import MaskRequest, Stroke
from photodrag.pipeline.studio.engine.strokes import make_mask, painted_mask

SIZE = (200, 120)  # width, height


@pytest.fixture
def face(face_marks):
    landmarks = face_marks * 0.35
    return Face(1, (0, 0, 180, 180), landmarks, 1.0)


def painted(*strokes, names=None, face=None, size=SIZE):
    return painted_mask(MaskRequest(names, strokes), face, size)


def test_a_dot_is_a_disc():
    mask = painted(Stroke(((50.0, 60.0),), 10.0))
    y, x = np.indices(mask.shape)
    away = np.hypot(x - 50, y - 60)
    assert mask[away < 9].all()
    assert not mask[away > 11].any()
    assert mask.shape == (120, 200)


def test_a_stroke_is_as_broad_everywhere_and_round_at_its_ends():
    start, corner, end = (30.5, 40.25), (120.0, 40.25), (150.0, 90.0)
    mask = painted(Stroke((start, corner, end), 7.5))
    y, x = np.indices(mask.shape)

    def away(a, b):
        along = np.subtract(b, a)
        share = ((x - a[0]) * along[0] + (y - a[1]) * along[1]) / (along @ along)
        share = np.clip(share, 0, 1)
        return np.hypot(x - a[0] - share * along[0], y - a[1] - share * along[1])

    distance = np.minimum(away(start, corner), away(corner, end))
    assert mask[distance < 6.5].all()
    assert not mask[distance > 8.5].any()


def test_strokes_count_in_their_order():
    paint = Stroke(((50, 60), (150, 60)), 20.0)
    erase = Stroke(((100, 60),), 15.0, erase=True)
    again = Stroke(((100, 60),), 3.0)
    mask = painted(paint, erase, again)
    assert mask[60, 60]
    assert not mask[60, 110]
    assert mask[60, 100]


def test_strokes_that_all_erase_begin_with_white():
    mask = painted(Stroke(((100, 60),), 15.0, erase=True))
    assert not mask[60, 100]
    assert mask[0, 0]


def test_strokes_go_on_top_of_names(face):
    named = named_mask("mouth", face, SIZE)
    y, x = (int(one.mean()) for one in np.nonzero(named))
    mask = painted(
        Stroke(((5, 5),), 2.0), Stroke(((x, y),), 2.0, erase=True), names="mouth", face=face
    )
    assert mask[5, 5]
    assert not mask[y, x]
    assert (mask & named).sum() > 0.5 * named.sum()


def test_names_alone_stay_names(face):
    request = MaskRequest("mouth+eyes")
    assert make_mask(request, face, SIZE) == "mouth+eyes"


def test_no_mask_is_none(face):
    assert make_mask(None, face, SIZE) is None
    assert make_mask(MaskRequest(), face, SIZE) is None


def test_a_stroke_beyond_the_photo_paints_what_is_inside():
    mask = painted(Stroke(((-1e9, 60.0), (1e9, 60.0)), 3.0))
    assert mask[60].all()
    assert not mask[50].any()


@pytest.mark.parametrize(
    "request_", [MaskRequest(None, (Stroke(((900, 900),), 5.0),)), MaskRequest("smile")]
)
def test_a_mask_that_lets_nothing_change_is_refused(request_, face):
    with pytest.raises(MaskError):
        make_mask(request_, face, SIZE)


@pytest.mark.parametrize("radius", [0, -1, math.nan, math.inf, 1e9])
def test_a_brush_has_a_size(radius):
    with pytest.raises(SettingsError, match="radius"):
        Stroke(((1, 1),), radius)


def test_a_stroke_has_a_place():
    with pytest.raises(MaskError):
        Stroke((), 3.0)


def test_a_mask_has_not_more_strokes_than_can_be_drawn():
    long = Stroke(tuple((float(n % 100), 5.0) for n in range(50_000)), 1.0)
    with pytest.raises(MaskError, match="anew"):
        MaskRequest(None, (long,) * 5)
