"""The plain ways: the generator's pixels as they are, or shifted to meet the photo."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from photodrag.alignment import Face, FaceCrop, Photo
from photodrag.drag import DragPoint
from photodrag.errors import SettingsError
from photodrag.pipeline import CompositeSettings
from photodrag.pipeline.composite.compositing import composite
from photodrag.pipeline.composite.motion import Motion
from photodrag.pipeline.composite.painted_change import PaintedChange
from photodrag.pipeline.composite.pasting import pasted
from photodrag.pipeline.imaging.linear_light import to_linear
from photodrag.pipeline.imaging.sampling import grid

SIZE = 256
MIDDLE = SIZE / 2
AWAY = np.linalg.norm(grid(SIZE) - MIDDLE, axis=2)
STRENGTH = np.clip((80 - AWAY) / 20, 0, 1).astype(np.float32)
PASTE, POISSON = (CompositeSettings(flow_size=SIZE, method=name) for name in ("paste", "poisson"))
both = pytest.mark.parametrize("settings", [PASTE, POISSON], ids=["paste", "poisson"])


def texture(seed=0, mean=110.0):
    noise = np.random.default_rng(seed).normal(size=(SIZE, SIZE, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 4)
    return np.clip(mean + 25 * smooth / smooth.std(), 0, 255).astype(np.uint8)


@pytest.fixture
def crop():
    """A photo that is its own crop."""
    angle = np.linspace(0, 2 * np.pi, 69)[:-1]
    landmarks = MIDDLE + 70 * np.column_stack([np.cos(angle), np.sin(angle)])
    landmarks[36:42], landmarks[42:48] = (100, 100), (156, 100)
    face = Face(1, (0, 0, SIZE, SIZE), landmarks, 1.0)
    identity = np.eye(2, 3)
    return FaceCrop(texture(), face, identity, identity, np.ones((SIZE, SIZE), bool))


def still():
    return Motion(np.zeros((SIZE, SIZE, 2), np.float32), np.ones((SIZE, SIZE), np.float32))


def pushed(image, shift=(6, 0)):
    positions = grid(SIZE)
    near = np.exp(-np.square(positions - MIDDLE).sum(axis=2, keepdims=True) / (2 * 30**2))
    source = (positions - near * np.array(shift)).astype(np.float32)
    return cv2.remap(image, source, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def run(crop, after, settings, displacement=(6, 0), mask=None):
    point = DragPoint((MIDDLE, MIDDLE), (MIDDLE + displacement[0], MIDDLE + displacement[1]))
    return composite(
        Photo(crop.pixels), crop, PaintedChange(crop.pixels, after, (point,)), settings, mask
    )


def test_paste_shows_the_generators_light_everywhere(crop):
    after = texture(1)
    motion, colors = pasted(Photo(crop.pixels), crop, after, still())
    assert not motion.trust.any()
    np.testing.assert_array_equal(colors.painted, to_linear(after))
    assert (colors.gain == 1).all()
    assert not colors.match.any()
    assert colors.match.shape == (SIZE, SIZE, 3)


def test_the_motion_given_stays_as_it_was(crop):
    motion, after = still(), texture(1)
    kept = after.copy()
    pasted(Photo(crop.pixels), crop, after, motion, STRENGTH)
    assert (motion.trust == 1).all()
    np.testing.assert_array_equal(after, kept)


def test_poisson_leaves_alone_what_meets_already(crop):
    _, colors = pasted(Photo(crop.pixels), crop, crop.pixels, still(), STRENGTH)
    assert np.abs(colors.match).max() < 0.01


def test_without_a_change_there_is_no_edge_to_meet(crop):
    _, colors = pasted(Photo(crop.pixels), crop, texture(1), still(), np.zeros_like(STRENGTH))
    assert not colors.match.any()


@pytest.mark.parametrize("off_centre", [(0, 0), (-31, 17)])
def test_poisson_meets_the_photo_at_the_edge(crop, off_centre):
    """A face painted in another tone: the membrane takes it back, from the edge inwards."""
    lighter = np.clip(crop.pixels * 1.25 + 8, 0, 255).astype(np.uint8)
    strength = np.roll(STRENGTH, off_centre, axis=(0, 1))
    _, colors = pasted(Photo(crop.pixels), crop, lighter, still(), strength)
    shown = colors.painted + colors.match
    wanted = to_linear(crop.pixels)
    edge = (strength > 0) & (strength < 0.3)
    apart = np.abs(shown - wanted)[edge].mean()
    assert apart < 0.15 * np.abs(colors.painted - wanted)[edge].mean()
    inside = strength == 1
    apart = np.abs(shown - wanted)[inside].mean()
    assert apart < 0.5 * np.abs(colors.painted - wanted)[inside].mean()


def test_poisson_keeps_the_generators_detail(crop):
    after = texture(1)
    _, colors = pasted(Photo(crop.pixels), crop, after, still(), STRENGTH)
    inside = STRENGTH == 1
    fine, given = (
        cv2.Laplacian(cv2.GaussianBlur(image, (0, 0), 2), cv2.CV_32F)[inside].ravel()
        for image in (colors.painted + colors.match, colors.painted)
    )
    assert np.corrcoef(fine, given)[0, 1] > 0.95


def test_maps_of_another_size_than_the_face_are_fine(crop):
    after = cv2.resize(crop.pixels, (2 * SIZE, 2 * SIZE), interpolation=cv2.INTER_CUBIC)
    lighter = np.clip(after * 1.2, 0, 255).astype(np.uint8)
    _, colors = pasted(Photo(crop.pixels), crop, lighter, still(), STRENGTH)
    assert colors.painted.shape == (2 * SIZE, 2 * SIZE, 3)
    assert colors.match.shape == (SIZE, SIZE, 3)
    assert colors.match[STRENGTH > 0.5].mean() < -0.02


@both
def test_outside_of_changed_every_bit_is_the_photos(crop, settings):
    found = run(crop, pushed(crop.pixels), settings)
    assert 0 < found.changed.mean() < 1
    np.testing.assert_array_equal(found.photo.pixels[~found.changed], crop.pixels[~found.changed])


@both
def test_where_nothing_changed_nothing_is_pasted(crop, settings):
    found = run(crop, crop.pixels, settings)
    assert not found.changed.any()
    np.testing.assert_array_equal(found.photo.pixels, crop.pixels)


@both
def test_the_mask_is_obeyed(crop, settings):
    mask = np.zeros((SIZE, SIZE), bool)
    mask[90:150, 100:130] = True
    found = run(crop, pushed(crop.pixels), settings, mask=mask)
    assert found.changed.any()
    assert not (found.changed & ~mask).any()
    np.testing.assert_array_equal(found.photo.pixels[~mask], crop.pixels[~mask])


@both
def test_the_middle_of_the_change_is_the_generators(crop, settings):
    after = pushed(crop.pixels, (9, 0))
    found = run(crop, after, settings, (9, 0))
    inner = AWAY < 12
    apart = np.abs(found.photo.pixels[inner].astype(int) - after[inner])
    assert apart.mean() < 2.5
    assert np.abs(crop.pixels[inner].astype(int) - after[inner]).mean() > 10


def test_paste_shows_the_painted_face_and_detail_the_photos(crop):
    """A painted face without fine detail: pasted it stays so, carried over it does not."""
    smooth = cv2.GaussianBlur(crop.pixels, (0, 0), 5)
    after = pushed(smooth, (9, 0))
    point = DragPoint((MIDDLE, MIDDLE), (MIDDLE + 9, MIDDLE))

    def sharpness(settings):
        photo = Photo(crop.pixels)
        done = composite(photo, crop, PaintedChange(smooth, after, (point,)), settings).photo.pixels
        return cv2.Laplacian(done[116:140, 116:140].astype(np.float32), cv2.CV_32F).var()

    assert sharpness(PASTE) < 0.5 * sharpness(replace(PASTE, method="detail"))


@both
def test_what_the_generator_fell_short_of_is_shown_and_told(crop, settings):
    """No correction: it moved by 6 px, asked for were 10."""
    ((x, y),) = run(crop, pushed(crop.pixels), settings, (10, 0)).reached
    assert (x, y) == pytest.approx((MIDDLE + 6, MIDDLE), abs=1.2)
    ((x, y),) = run(crop, pushed(crop.pixels), replace(settings, method="detail"), (10, 0)).reached
    assert (x, y) == pytest.approx((MIDDLE + 10, MIDDLE), abs=1.2)


def test_an_unknown_way_is_refused_with_the_known_ones():
    with pytest.raises(SettingsError, match=r"method is 'clone'.*detail.*paste.*poisson"):
        CompositeSettings(method="clone")
