"""The composite where a face has drawn back from its background, as when a head turns."""

import numpy as np
import pytest

from photodrag.alignment import Face, FaceCrop, Photo
from photodrag.drag import DragPoint
from photodrag.pipeline import CompositeSettings
from photodrag.pipeline.composite import compositing as composite_module
from photodrag.pipeline.composite.landmark_motion import LandmarkMotion
from photodrag.pipeline.composite.painted_change import PaintedChange

SIZE = 256


@pytest.fixture
def compared(monkeypatch):
    """The areas (256, 256) in which colours were compared, one for each composite."""
    areas = []
    measure = composite_module.measure_colors

    def measured(photo, crop, painted, motion, face, *rest):
        areas.append(face)
        return measure(photo, crop, painted, motion, face, *rest)

    monkeypatch.setattr(composite_module, "measure_colors", measured)
    return areas


def test_colours_are_compared_on_the_face_as_it_is_dragged(compared, face_marks):
    """Not where the background has come out beside it: its light would get onto the skin."""
    before = face_marks / 2
    after = before.copy()
    after[9:17, 0] -= 16  # the right side of the jaw
    noise = np.random.default_rng(0).integers(60, 200, (SIZE, SIZE, 3)).astype(np.uint8)
    box = (40.0, 40.0, 216.0, 240.0)
    still, valid = np.eye(2, 3), np.ones((SIZE, SIZE), bool)
    crop = FaceCrop(noise, Face(1, box, before, 1.0), still, still, valid)
    points = [DragPoint(tuple(before[i]), tuple(after[i])) for i in range(9, 17)]
    painted = np.roll(noise, -3, axis=1)
    settings = CompositeSettings(flow_size=SIZE)
    for landmark_motion in (
        LandmarkMotion(before, before, SIZE),
        LandmarkMotion(before, after, SIZE),
    ):
        change = PaintedChange(noise, painted, tuple(points), landmark_motion=landmark_motion)
        composite_module.composite(Photo(noise), crop, change, settings)
    stayed, drawn = compared
    x, y = np.round(before[13]).astype(int)  # at the jaw
    assert stayed[y, x - 10] > 0.9
    assert drawn[y, x - 10] < 0.01
    assert drawn[y, x - 26] > 0.9
    assert stayed[y, x - 1] < 0.5  # the jaw's very edge may be background
