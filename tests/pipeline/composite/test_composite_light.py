"""The composite with light that was learned: where the face shows it, and only where it moves."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from photodrag.alignment import Face, FaceCrop, Photo
from photodrag.drag import DragPoint
from photodrag.errors import SettingsError
from photodrag.pipeline import CompositeSettings
from photodrag.pipeline.composite import compositing as composite_module
from photodrag.pipeline.composite.compositing import composite
from photodrag.pipeline.composite.landmark_motion import LandmarkMotion
from photodrag.pipeline.composite.painted_change import PaintedChange
from photodrag.pipeline.imaging.linear_light import to_linear

SIZE = 256
LIPS = range(48, 68)
DOWN = 6.0  # px: the mouth goes down, of 60 between the eyes
SETTINGS = CompositeSettings(flow_size=SIZE)


@pytest.fixture
def landmark_motion(face_marks):
    return face_marks / 2


class Lighter:
    """All skin gets lighter by a fifth, whatever moves; what it was asked is kept."""

    def change(self, before, after, shown, size):
        self.before, self.after, self.shown = before, after, shown
        return np.full((size, size), np.log(1.2), np.float32)


@pytest.fixture(autouse=True)
def learned(monkeypatch):
    light = Lighter()
    monkeypatch.setattr(composite_module, "read_light", lambda: light)
    return light


@pytest.fixture
def crop(landmark_motion):
    noise = np.random.default_rng(0).normal(size=(SIZE, SIZE, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    pixels = np.clip(120 + 12 * smooth / smooth.std(), 0, 255).astype(np.uint8)
    face = Face(1, (40.0, 40.0, 216.0, 240.0), landmark_motion, 1.0)
    still = np.eye(2, 3)
    return FaceCrop(pixels, face, still, still, np.ones((SIZE, SIZE), bool))


def moved(landmark_motion, down):
    after = landmark_motion.copy()
    after[LIPS, 1] += down
    return after


def edit(crop, landmark_motion, painted_down, settings=SETTINGS):
    """The mouth is dragged down; the generator paints it so far down, and no other light."""
    after = moved(landmark_motion, DOWN)
    points = [DragPoint(tuple(landmark_motion[i]), tuple(after[i])) for i in LIPS]
    size = settings.flow_size
    scale = size / SIZE
    before, there = (
        (one + 0.5) * scale - 0.5 for one in (landmark_motion, moved(landmark_motion, painted_down))
    )
    painted = LandmarkMotion(before, there, size)
    return composite(
        Photo(crop.pixels),
        crop,
        PaintedChange(crop.pixels, crop.pixels, tuple(points), landmark_motion=painted),
        settings,
    )


def lighter(photo, crop, landmark_motion):
    """By how much the skin between nose and mouth is lighter than in the photo."""
    x, y = np.round((landmark_motion[33] + landmark_motion[51]) / 2).astype(int)
    here = np.s_[y - 2 : y + 3, x - 8 : x + 9]
    return to_linear(photo.pixels)[here].mean() / to_linear(crop.pixels)[here].mean()


@pytest.mark.parametrize("painted_down", [DOWN, 0.0], ids=["painted", "corrected"])
def test_skin_gets_the_light_of_where_landmarks_end(crop, landmark_motion, learned, painted_down):
    """Also where the generator fell short, and the photo's pixels alone went there."""
    with_it, without = (
        edit(crop, landmark_motion, painted_down, replace(SETTINGS, learned_light=part)).photo
        for part in (1.0, 0.0)
    )
    part = lighter(with_it, crop, landmark_motion) / lighter(without, crop, landmark_motion)
    assert part == pytest.approx(1.2, abs=0.02)
    np.testing.assert_array_equal(learned.before, landmark_motion)
    went = (learned.after - landmark_motion)[LIPS]
    np.testing.assert_allclose(went, np.tile((0, DOWN), (20, 1)), atol=0.12 * DOWN)
    np.testing.assert_allclose(learned.shown, moved(landmark_motion, painted_down), atol=1e-9)


def test_a_part_of_it_is_a_part(crop, landmark_motion):
    half, none = (
        lighter(
            edit(crop, landmark_motion, DOWN, replace(SETTINGS, learned_light=part)).photo,
            crop,
            landmark_motion,
        )
        for part in (0.5, 0.0)
    )
    assert half / none == pytest.approx(1.2**0.5, abs=0.03)


def test_off_the_face_nothing_is_lighter(crop, landmark_motion):
    done = edit(crop, landmark_motion, DOWN)
    same = (done.photo.pixels == crop.pixels).all(axis=2)
    assert same[:40].all()
    assert same[~done.changed].all()
    np.testing.assert_array_equal(crop.pixels[:, :20], done.photo.pixels[:, :20])


def test_eyes_that_look_elsewhere_change_no_skin(crop, landmark_motion, learned):
    eye = landmark_motion[36:42].mean(axis=0)
    point = DragPoint((eye[0], eye[1]), (eye[0] + 1, eye[1]))
    composite(Photo(crop.pixels), crop, PaintedChange(crop.pixels, crop.pixels, (point,)), SETTINGS)
    assert not hasattr(learned, "after")


def test_a_coarse_map_has_the_same_light(crop, landmark_motion):
    fine, coarse = (
        lighter(
            edit(crop, landmark_motion, DOWN, replace(SETTINGS, flow_size=size)).photo,
            crop,
            landmark_motion,
        )
        for size in (SIZE, SIZE // 2)
    )
    assert coarse == pytest.approx(fine, abs=0.05)


@pytest.mark.parametrize(("name", "value"), [("painted_light", 1.5), ("learned_light", -0.1)])
def test_parts_lie_between_none_and_all(name, value):
    with pytest.raises(SettingsError, match=rf"{name} is {value!r}"):
        replace(SETTINGS, **{name: value})


@pytest.mark.parametrize("method", ["paste", "poisson"])
def test_what_is_pasted_has_the_generators_light(crop, landmark_motion, method, monkeypatch):
    monkeypatch.setattr(composite_module, "read_light", None)
    edit(crop, landmark_motion, DOWN, replace(SETTINGS, method=method))
