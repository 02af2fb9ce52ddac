"""An opened mouth as the network painted it before tuning."""

import copy

import cv2
import numpy as np
import pytest
import torch

from photodrag.alignment import Face, FaceCrop, Photo
from photodrag.checkpoints import load_generator
from photodrag.drag import DragPoint
from photodrag.pipeline import CompositeSettings
from photodrag.pipeline.composite import new_mouth as fresh_module
from photodrag.pipeline.composite.compositing import composite
from photodrag.pipeline.composite.landmark_motion import LandmarkMotion
from photodrag.pipeline.composite.new_mouth import has_learned_mouth, untuned_mouth, untuned_painter
from photodrag.pipeline.composite.painted_change import PaintedChange
from photodrag.pipeline.guide.painting import paint, paint_small
from photodrag.pipeline.imaging.sampling import grid

SIZE = 512
SHIFT = np.array([30.0, -18.0])
LOWER = [55, 56, 57, 58, 59, 65, 66, 67]  # of the mouth


class Fresh:
    """Paints an image, and knows of no other."""

    def __init__(self, image):
        self.image = image

    def paint(self):
        return self.image

    def opened(self, crop, gap):
        return None

    def likely_displacements(self, numbers, displacements):
        return None


def opened(landmark_motion, pixels):
    after = landmark_motion.copy()
    after[LOWER, 1] += pixels
    return after


def mouth_crop(landmark_motion, seed=0):
    """A crop with details as large as teeth."""
    noise = np.random.default_rng(seed).normal(size=(SIZE, SIZE, 1)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    grey = np.clip(120 + 40 * smooth / smooth.std(), 0, 255).astype(np.uint8)
    face, still = Face(1, (0.0, 0.0, 1.0, 1.0), landmark_motion, 1.0), np.eye(2, 3)
    pixels = np.dstack([grey] * 3)
    return FaceCrop(pixels, face, still, still, np.ones((SIZE, SIZE), bool))


@pytest.fixture
def find(monkeypatch):
    """Landmarks that are found in the other face, in its pixels."""

    def use(landmark_motion):
        monkeypatch.setattr(fresh_module, "painted_landmarks", lambda image, crop: landmark_motion)

    return use


@pytest.fixture
def ramp():
    """An image whose colours tell where a pixel was."""
    positions = grid(SIZE) / 2
    return np.dstack([positions, np.zeros((SIZE, SIZE))]).astype(np.uint8)


def test_the_mouth_is_brought_to_where_the_dragged_one_is(face_marks, find, ramp):
    after = opened(face_marks, 16)
    find(after + SHIFT)
    moved = untuned_mouth(Fresh(ramp), None, LandmarkMotion(face_marks, after, SIZE), ramp)
    for x, y in after[[60, 62, 64, 66]]:
        found = moved[round(y), round(x), :2]
        np.testing.assert_allclose(found, (np.array([x, y]) + SHIFT) / 2, atol=1.5)


def test_marks_may_be_of_a_smaller_map(face_marks, find, ramp):
    after = opened(face_marks, 16)
    find(after + SHIFT)
    landmark_motion = LandmarkMotion(
        (face_marks + 0.5) / 2 - 0.5, (after + 0.5) / 2 - 0.5, SIZE // 2
    )
    moved = untuned_mouth(Fresh(ramp), None, landmark_motion, ramp)
    x, y = after[66]
    found = moved[round(y), round(x), :2]
    np.testing.assert_allclose(found, (np.array([x, y]) + SHIFT) / 2, atol=1.5)


def test_teeth_keep_their_height_where_the_other_mouth_is_wider_open(face_marks, find, ramp):
    """The lips come to where they should, and cover the more of the teeth."""
    after, other = opened(face_marks, 16), opened(face_marks, 32)
    find(other)
    moved = untuned_mouth(Fresh(ramp), None, LandmarkMotion(face_marks, after, SIZE), ramp)
    x, upper, lower = (round(v) for v in (after[62, 0], after[62, 1], after[66, 1]))
    shown = 2.0 * moved[upper + 3 : lower - 2, x, 1]
    assert len(shown) > 10
    assert np.polyfit(np.arange(len(shown)), shown, 1)[0] == pytest.approx(1, abs=0.35)
    for landmark, side in ((62, -3), (66, 3)):
        edge = round(after[landmark, 1]) + side
        assert 2.0 * moved[edge, x, 1] == pytest.approx(other[landmark, 1] + side, abs=4)


def test_a_mouth_less_open_is_stretched(face_marks, find, ramp):
    after, other = opened(face_marks, 16), opened(face_marks, 10)
    find(other)
    moved = untuned_mouth(Fresh(ramp), None, LandmarkMotion(face_marks, after, SIZE), ramp)
    for landmark in (62, 66):
        x, y = after[landmark].round().astype(int)
        assert 2.0 * moved[y, x, 1] == pytest.approx(other[landmark, 1], abs=2)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [(0, 1, 16), (16, 40, 40), (0, 16, 4)],
    ids=["it stays shut", "its own teeth were seen", "the other is shut"],
)
def test_it_stays_as_it_was_painted(face_marks, find, ramp, before, after, found):
    find(opened(face_marks, found))
    landmark_motion = LandmarkMotion(opened(face_marks, before), opened(face_marks, after), SIZE)
    crop = mouth_crop(landmark_motion.before)
    assert untuned_mouth(Fresh(ramp), crop, landmark_motion, crop.pixels) is None


def test_teeth_that_were_not_learned_are_painted_anew(face_marks, find, ramp):
    """The photo shows an open mouth, and the inverted face another one."""
    find(opened(face_marks, 40))
    landmark_motion = LandmarkMotion(opened(face_marks, 16), opened(face_marks, 40), SIZE)
    crop, other = (mouth_crop(landmark_motion.before, seed) for seed in (0, 1))
    assert untuned_mouth(Fresh(ramp), crop, landmark_motion, other.pixels) is not None


@pytest.mark.parametrize("change", ["none", "darker", "blurred", "noisy", "smaller"])
def test_a_mouth_is_the_same_in_other_light_and_softer(face_marks, change):
    crop = mouth_crop(opened(face_marks, 16))
    painted = {
        "none": crop.pixels,
        "darker": (crop.pixels * 0.6).astype(np.uint8),
        "blurred": cv2.GaussianBlur(crop.pixels, (0, 0), 1.5),
        "noisy": crop.pixels ^ np.random.default_rng(5).integers(0, 8, crop.pixels.shape, np.uint8),
        "smaller": cv2.resize(crop.pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
    }[change]
    assert has_learned_mouth(painted, crop)
    assert not has_learned_mouth(mouth_crop(opened(face_marks, 16), 1).pixels, crop)


def test_nothing_is_painted_in_vain(face_marks):
    class Never(Fresh):
        def paint(self):
            raise AssertionError("painted")

    never = Never(None)
    shut = LandmarkMotion(face_marks, face_marks, SIZE)
    assert untuned_mouth(never, None, shut, None) is None
    assert untuned_mouth(never, None, None, None) is None
    open_wide = LandmarkMotion(face_marks, opened(face_marks, 16), SIZE)
    assert untuned_mouth(None, None, open_wide, None) is None


def test_an_opened_mouth_is_painted_by_it_and_nothing_else(face_marks, find):
    """In the photo's colours."""
    size = SIZE // 2
    landmark_motion = face_marks / 2
    after = opened(landmark_motion, 16)
    find(after)
    noise = np.random.default_rng(0).integers(96, 160, (size, size, 3)).astype(np.uint8)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    box, still = (40.0, 40.0, 216.0, 240.0), np.eye(2, 3)
    valid = np.ones((size, size), bool)
    crop = FaceCrop(smooth, Face(1, box, landmark_motion, 1.0), still, still, valid)
    points = [DragPoint(tuple(landmark_motion[i]), tuple(after[i])) for i in LOWER]
    striped = smooth - np.uint8(10)  # darker, and with lines that are darker still
    striped[::2] -= 14
    settings = CompositeSettings(flow_size=size)
    painted = LandmarkMotion(landmark_motion, after, size)
    plain, fresh = (
        composite(
            Photo(smooth),
            crop,
            PaintedChange(smooth, smooth, tuple(points), landmark_motion=painted, untuned=painter),
            settings,
        ).photo.pixels
        for painter in (None, Fresh(striped))
    )
    x, y = after[60:68].mean(axis=0).round().astype(int)
    mouth = np.s_[y - 3 : y + 4, x - 8 : x + 9]

    def stripes(pixels):
        return np.abs(np.diff(pixels[mouth].astype(int).mean(axis=2), axis=0)).mean()

    assert stripes(fresh) > 5 * stripes(plain)
    assert fresh[mouth].mean() == pytest.approx(plain[mouth].mean(), abs=4)
    apart = np.abs(fresh.astype(int) - plain).max(axis=2)
    apart[y - 30 : y + 31, x - 40 : x + 41] = 0
    assert apart.max() <= 2


def test_the_untuned_network_paints(tiny_checkpoint):
    generator = load_generator(tiny_checkpoint)
    latent = generator.sample(0)
    assert untuned_painter(generator, latent).generator is generator
    synthesis = copy.deepcopy(generator.synthesis)
    with torch.no_grad():
        for parameter in synthesis.parameters():
            parameter.mul_(1.2)
    tuned = generator.with_synthesis(synthesis)
    assert (paint(tuned, latent) != paint(generator, latent)).any()
    np.testing.assert_array_equal(untuned_painter(tuned, latent).paint(), paint(generator, latent))
    np.testing.assert_array_equal(
        untuned_painter(tuned, latent, paint_small).paint(), paint_small(generator, latent)
    )
