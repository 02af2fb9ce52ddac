"""The colours that a change of the face brings to the photo, and those that it must not."""

import cv2
import numpy as np
import pytest

from photodrag.alignment import Face, FaceCrop, Photo
from photodrag.pipeline.composite.colors import PaintedFaces, SkinLight, measure_colors
from photodrag.pipeline.composite.motion import Motion
from photodrag.pipeline.composite.settings import CompositeSettings
from photodrag.pipeline.imaging.linear_light import from_linear, to_linear
from photodrag.pipeline.imaging.sampling import grid

SIZE = 128
BLUR = 1.0


def picture(seed=0):
    noise = np.random.default_rng(seed).normal(size=(SIZE, SIZE, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 8)
    return np.clip(127.5 + 25 * smooth / smooth.std(), 0, 255).astype(np.uint8)


def brighter(image, factor):
    """Light times a factor, a number or (SIZE, SIZE)."""
    factor = np.broadcast_to(factor, (SIZE, SIZE))[..., None]
    return from_linear((to_linear(image) * factor).astype(np.float32), np.dtype(np.uint8))


def disc(radius):
    return (np.linalg.norm(grid(SIZE) - SIZE / 2, axis=2) < radius).astype(np.float32)


FACE = cv2.GaussianBlur(disc(45), (0, 0), 2)


def measure(before, after, shown=None, trust=None, backward=None, part=1.0, light=None):
    shown = picture() if shown is None else shown
    landmarks = np.random.default_rng(0).uniform(40, 90, (68, 2))
    face = Face(1, (0, 0, SIZE, SIZE), landmarks, 1.0)
    identity = np.eye(2, 3)
    crop = FaceCrop(shown, face, identity, identity, np.ones((SIZE, SIZE), bool))
    motion = Motion(
        np.zeros((SIZE, SIZE, 2), np.float32) if backward is None else backward,
        np.ones((SIZE, SIZE), np.float32) if trust is None else trust,
    )
    return measure_colors(
        Photo(shown),
        crop,
        PaintedFaces(before, after),
        motion,
        FACE,
        CompositeSettings(color_blur=BLUR / SIZE, painted_light=part),
        light,
    )


def skin_light(learned=0.0, expected=1.0):
    return SkinLight(*(np.full((SIZE, SIZE), one, np.float32) for one in (learned, expected)))


def test_no_change_is_no_gain():
    colors = measure(picture(), picture())
    np.testing.assert_allclose(colors.gain, 1, atol=1e-4)
    np.testing.assert_allclose(colors.match, 0, atol=1e-4)
    np.testing.assert_array_equal(colors.painted, to_linear(picture()))
    assert colors.gain.shape == colors.match.shape == (SIZE, SIZE, 3)
    assert colors.gain.dtype == colors.match.dtype == np.float32


@pytest.mark.parametrize("tone", [0.85, 1.2])
def test_a_tone_all_over_the_face_is_not_taken_over(tone):
    colors = measure(picture(), brighter(picture(), tone))
    inner = disc(35) > 0
    assert np.abs(colors.gain[inner] - 1).max() < 0.5 * abs(tone - 1)
    assert np.abs(colors.gain[inner] - 1).mean() < 0.1 * abs(tone - 1)


def test_a_fold_of_skin_is_taken_over():
    fold = 1 - 0.4 * np.exp(-0.5 * np.square((grid(SIZE)[..., 0] - SIZE / 2) / 2))
    colors = measure(picture(), brighter(picture(), fold))
    middle = slice(SIZE // 2 - 5, SIZE // 2 + 5)
    assert colors.gain[middle, SIZE // 2].mean() < 0.8
    assert colors.gain[middle, SIZE // 2 - 14].mean() > 0.98


def test_a_fold_on_a_face_of_another_tone_is_taken_over_alone():
    fold = 1 - 0.4 * np.exp(-0.5 * np.square((grid(SIZE)[..., 0] - SIZE / 2) / 2))
    plain, toned = (measure(picture(), brighter(picture(), f)).gain for f in (fold, 1.15 * fold))
    inner = disc(30) > 0
    assert np.abs(plain[inner] - toned[inner]).mean() < 0.03


def test_a_part_of_what_is_painted_is_taken_over():
    fold = 1 - 0.4 * np.exp(-0.5 * np.square((grid(SIZE)[..., 0] - SIZE / 2) / 2))
    after = brighter(picture(), fold)
    whole, half, none = (
        np.log(measure(picture(), after, part=part).gain) for part in (1.0, 0.5, 0.0)
    )
    np.testing.assert_allclose(half, whole / 2, atol=1e-5)
    assert not none.any()


def test_what_is_learned_comes_upon_what_is_painted_where_it_can_be_trusted():
    fold = 1 - 0.4 * np.exp(-0.5 * np.square((grid(SIZE)[..., 0] - SIZE / 2) / 2))
    after, hole = brighter(picture(), fold), disc(8)
    light = skin_light(learned=0.2)
    plain = np.log(measure(picture(), after, trust=1 - hole, part=0.5).gain)
    both = np.log(measure(picture(), after, trust=1 - hole, part=0.5, light=light).gain)
    added = both - plain
    np.testing.assert_allclose(added[(disc(35) > 0) & (hole == 0)], 0.2, atol=1e-4)
    np.testing.assert_allclose(added[hole > 0], 0, atol=1e-6)
    np.testing.assert_allclose(added[disc(60) == 0], 0, atol=1e-4)


def test_what_is_painted_where_nothing_moves_is_another_faces():
    """Glasses, for instance."""
    fold = 1 - 0.4 * np.exp(-0.5 * np.square((grid(SIZE)[..., 0] - SIZE / 2) / 2))
    after = brighter(picture(), fold)
    plain, half, none = (
        np.log(measure(picture(), after, light=skin_light(expected=expected)).gain)
        for expected in (1.0, 0.5, 0.0)
    )
    assert np.abs(plain).max() > 0.2
    np.testing.assert_allclose(half, plain / 2, atol=1e-5)
    assert not none.any()


def test_off_the_face_nothing_changes_its_colour():
    colors = measure(picture(), picture(1))
    outside = FACE < 1e-4
    assert outside.any()
    np.testing.assert_allclose(colors.gain[outside], 1, atol=1e-3)


def test_what_moved_is_no_change_of_colour():
    shift = np.float32([[1, 0, 4], [0, 1, 0]])
    after = cv2.warpAffine(picture(), shift, (SIZE, SIZE), borderMode=cv2.BORDER_REFLECT)
    backward = np.zeros((SIZE, SIZE, 2), np.float32)
    backward[..., 0] = -4
    moved, still = measure(picture(), after, backward=backward), measure(picture(), after)
    inner = disc(35) > 0
    np.testing.assert_allclose(moved.gain[inner], 1, atol=0.02)
    assert np.abs(still.gain[inner] - 1).max() > 0.1


def test_what_is_not_trusted_does_not_leak_into_what_is():
    hole = disc(12)
    after = picture().copy()
    after[hole > 0] = 0  # the dark of a mouth
    colors = measure(picture(), after, trust=1 - cv2.dilate(hole, np.ones((5, 5))))
    beside = (disc(30) - cv2.dilate(hole, np.ones((7, 7)))) > 0
    np.testing.assert_allclose(colors.gain[beside], 1, atol=0.01)


def test_gain_has_bounds():
    black, white = (np.full((SIZE, SIZE, 3), value, np.uint8) for value in (0, 255))
    spot = np.where(disc(4)[..., None] > 0, white, black)
    for before, after in ((black, spot), (255 - black, 255 - spot)):
        for light in (None, skin_light(learned=np.log(1.5))):
            gain = measure(before, after, shown=before, light=light).gain
            assert 0.3 < gain.min() <= gain.max() < 2.6


def test_what_is_painted_meets_the_photos_colours():
    """The generator's faces are darker than the photo: what is new gets the photo's light."""
    shown, dark = picture(), brighter(picture(), 0.6)
    colors = measure(dark, dark, shown=shown)
    inner = disc(35) > 0
    painted = (colors.painted + colors.match)[inner]
    assert np.abs(painted - to_linear(shown)[inner]).mean() < 0.02
    assert np.abs(colors.painted[inner] - to_linear(shown)[inner]).mean() > 0.05


def test_what_the_motion_mistakes_does_not_colour_what_is_painted():
    """Dark hair shown where the generator has light skin: skin beside it keeps its colour."""
    shown, skin = picture(), np.full((SIZE, SIZE, 3), (230, 190, 160), np.uint8)
    shown[:] = skin
    shown[:, : SIZE // 2] = 8
    colors = measure(skin, skin, shown=shown)
    beside = np.s_[SIZE // 2 - 6 : SIZE // 2 + 6, SIZE // 2 : SIZE // 2 + 12]
    np.testing.assert_allclose(colors.match[beside], 0, atol=0.01)


def test_what_is_given_stays_as_it_was():
    before, after, shown = picture(), picture(1), picture(2)
    measure(before, after, shown)
    for image, seed in ((before, 0), (after, 1), (shown, 2)):
        np.testing.assert_array_equal(image, picture(seed))
