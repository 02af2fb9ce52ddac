"""The composite with painted faces whose motion is known."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from photodrag.alignment import Face, FaceCrop, Photo
from photodrag.drag import DragPoint
from photodrag.errors import SettingsError
from photodrag.pipeline import CompositeSettings
from photodrag.pipeline.composite import face_motion
from photodrag.pipeline.composite.compositing import composite
from photodrag.pipeline.composite.landmark_motion import LandmarkMotion
from photodrag.pipeline.composite.painted_change import PaintedChange
from photodrag.pipeline.imaging.sampling import grid

SIZE, LEFT, TOP = 256, 40, 24  # the crop's square in a photo of 352 x 320
MIDDLE = np.array([128.0, 128.0])
PLACE = MIDDLE + np.array([LEFT, TOP])  # of the middle, in the photo
# What is painted here is no face: all of its light is its own.
SETTINGS = CompositeSettings(flow_size=SIZE, painted_light=1.0, learned_light=0.0)
UNCORRECTED = replace(SETTINGS, correction=0.0)


def texture(height, width, seed=0):
    noise = np.random.default_rng(seed).normal(size=(height, width, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 4)
    return np.clip(127.5 + 40 * smooth / smooth.std(), 0, 255).astype(np.uint8)


def drag_point(shift):
    return DragPoint(tuple(PLACE), tuple(PLACE + shift))


POINT = drag_point((5, 0))


def pushed(image, shift):
    """The image with its middle moved by `shift`, less and less towards the border."""
    positions = grid(SIZE)
    near = np.exp(-np.square(positions - MIDDLE).sum(axis=2, keepdims=True) / (2 * 40**2))
    source = (positions - near * np.array(shift)).astype(np.float32)
    return cv2.remap(image, source, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def make_photo(depth=8, grey=False):
    pixels = texture(320, 352)
    if depth == 16:
        fine = np.random.default_rng(1).integers(0, 256, pixels.shape)
        pixels = (pixels.astype(np.uint16) * 256 + fine).astype(np.uint16)
    if grey:
        pixels = np.repeat(pixels[..., :1], 3, axis=2)
    return Photo(pixels, grey=grey)


def crop_of(photo):
    landmarks = np.tile(MIDDLE, (68, 1))
    angle = np.linspace(np.pi, 0, 17)
    landmarks[:17] += 70 * np.column_stack([np.cos(angle), np.sin(angle)])
    landmarks[17:27] += np.column_stack([np.linspace(-50, 50, 10), np.full(10, -40.0)])
    landmarks[33] += 0, 20
    landmarks[36:42] -= 0.5, 0  # eyes where none are found in the noise
    landmarks[42:48] += 0.5, 0
    landmarks += LEFT, TOP
    face = Face(1, (LEFT, TOP, LEFT + SIZE, TOP + SIZE), landmarks, 1.0)
    return FaceCrop(
        np.ascontiguousarray(photo.srgb()[TOP : TOP + SIZE, LEFT : LEFT + SIZE]),
        face,
        np.array([[1.0, 0, -LEFT], [0, 1, -TOP]]),
        np.array([[1.0, 0, LEFT], [0, 1, TOP]]),
        np.ones((SIZE, SIZE), bool),
    )


def run(photo, shift=(5, 0), settings=SETTINGS, mask=None, points=None):
    crop = crop_of(photo)
    after = pushed(crop.pixels, shift)
    points = [drag_point(shift)] if points is None else points
    return composite(photo, crop, PaintedChange(crop.pixels, after, tuple(points)), settings, mask)


@pytest.mark.parametrize("depth", [8, 16])
def test_no_change_gives_the_photo_bit_for_bit(depth):
    photo = make_photo(depth)
    crop = crop_of(photo)
    found = composite(photo, crop, PaintedChange(crop.pixels, crop.pixels, (POINT,)), UNCORRECTED)
    np.testing.assert_array_equal(found.photo.pixels, photo.pixels)
    assert not found.changed.any()


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("depth", [8, 16])
def test_outside_of_changed_every_bit_is_the_photos(depth, grey):
    photo = make_photo(depth, grey)
    found = run(photo)
    assert found.photo.pixels.dtype == photo.pixels.dtype
    assert found.photo.size == photo.size
    assert found.changed.any()
    assert not found.changed.all()
    np.testing.assert_array_equal(found.photo.pixels[~found.changed], photo.pixels[~found.changed])
    assert (found.photo.pixels != photo.pixels).any()


def test_grey_photo_stays_grey():
    found = run(make_photo(grey=True))
    assert found.photo.grey
    pixels = found.photo.pixels
    np.testing.assert_array_equal(pixels[..., 0], pixels[..., 1])
    np.testing.assert_array_equal(pixels[..., 0], pixels[..., 2])


def test_photo_given_is_left_alone():
    photo = make_photo()
    kept = photo.pixels.copy()
    run(photo)
    np.testing.assert_array_equal(photo.pixels, kept)


@pytest.mark.parametrize("depth", [8, 16])
def test_mask_is_obeyed_exactly(depth):
    photo = make_photo(depth)
    mask = np.zeros((320, 352), bool)
    mask[100:200, 120:170] = True
    found = run(photo, mask=mask)
    np.testing.assert_array_equal(found.photo.pixels[~mask], photo.pixels[~mask])
    assert (found.photo.pixels[mask] != photo.pixels[mask]).any()
    assert not (found.changed & ~mask).any()


def test_full_mask_changes_what_no_mask_changes():
    photo = make_photo()
    free = run(photo)
    full = run(photo, mask=np.ones((320, 352), bool))
    inner = np.zeros((320, 352), bool)
    inner[60:240, 80:260] = True
    np.testing.assert_array_equal(free.photo.pixels[inner], full.photo.pixels[inner])


def measured_shift(before, after, half=14):
    """By which (x, y) the middle of `before` is found in `after`, to a tenth of a pixel."""
    x, y = (int(v) for v in PLACE)
    patch = after[y - half : y + half + 1, x - half : x + half + 1].astype(np.float32)
    best = (np.inf, 0.0, 0.0)
    for dx in np.arange(-8, 8.01, 0.2):
        for dy in np.arange(-8, 8.01, 0.2):
            found = cv2.getRectSubPix(
                before.astype(np.float32), (2 * half + 1, 2 * half + 1), (x - dx, y - dy)
            )
            cost = float(np.square(found - patch).mean())
            best = min(best, (cost, float(dx), float(dy)))
    return best[1:]


@pytest.mark.parametrize("settings", [SETTINGS, UNCORRECTED], ids=["corrected", "uncorrected"])
@pytest.mark.parametrize("shift", [(5, 0), (0, -4), (-3, 3)])
def test_photo_moves_by_the_faces_motion(shift, settings):
    photo = make_photo()
    found = run(photo, shift, settings)
    measured = measured_shift(photo.pixels, found.photo.pixels)
    np.testing.assert_allclose(measured, shift, atol=0.5)


def test_handles_are_reported_where_they_went():
    ((x, y),) = run(make_photo(), (5, 0)).reached
    assert (x, y) == pytest.approx(POINT.target, abs=1)


def test_detail_of_the_photo_survives():
    """A fine pattern that the painted faces do not have is moved, not painted over."""
    smooth = make_photo()
    fine = np.random.default_rng(3).integers(-12, 13, smooth.pixels.shape)
    photo = Photo(np.clip(smooth.pixels + fine, 0, 255).astype(np.uint8))
    crop = crop_of(smooth)
    after = pushed(crop.pixels, (5, 0))
    found = composite(photo, crop, PaintedChange(crop.pixels, after, (POINT,)), SETTINGS)

    def sharpness(pixels):
        face = pixels[110:190, 125:205].astype(np.float32)
        return cv2.Laplacian(face, cv2.CV_32F).var()

    painted = np.array(photo.pixels)
    painted[TOP : TOP + SIZE, LEFT : LEFT + SIZE] = after
    assert sharpness(found.photo.pixels) > 0.5 * sharpness(photo.pixels)
    assert sharpness(found.photo.pixels) > 5 * sharpness(painted)


@pytest.mark.parametrize("shift", [(5, 0), (12, 12)])
def test_nothing_changes_at_the_crops_border(shift):
    photo = make_photo()
    crop = crop_of(photo)
    # All of the face moves, up to its border.
    after = np.roll(crop.pixels, shift[::-1], axis=(0, 1))
    found = composite(
        photo, crop, PaintedChange(crop.pixels, after, (drag_point(shift),)), SETTINGS
    )
    assert found.changed.any()
    border = np.ones((320, 352), bool)
    border[TOP + 1 : TOP + SIZE - 1, LEFT + 1 : LEFT + SIZE - 1] = False
    np.testing.assert_array_equal(found.photo.pixels[border], photo.pixels[border])
    assert not (found.changed & border).any()


def test_something_new_is_painted_by_the_generator():
    photo = make_photo()
    crop = crop_of(photo)
    after = crop.pixels.copy()
    after[110:146, 110:146] = texture(SIZE, SIZE, seed=9)[110:146, 110:146]
    found = composite(photo, crop, PaintedChange(crop.pixels, after, (POINT,)), UNCORRECTED)
    inside = (slice(TOP + 120, TOP + 136), slice(LEFT + 120, LEFT + 136))
    result, wanted = (
        image.astype(float).ravel()
        for image in (found.photo.pixels[inside], after[120:136, 120:136])
    )
    assert np.corrcoef(result, wanted)[0, 1] > 0.7


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("flow_size", 10),
        ("still", 0),
        ("feather", -1),
        ("color_blur", 0.9),
        ("shared_motion_weight", 1.5),
    ],
)
def test_setting_out_of_range_is_refused_and_shown(name, value):
    with pytest.raises(SettingsError, match=rf"{name} is {value!r}"):
        replace(SETTINGS, **{name: value})


def test_without_a_change_handles_are_where_they_were():
    photo = make_photo()
    crop = crop_of(photo)
    found = composite(photo, crop, PaintedChange(crop.pixels, crop.pixels, (POINT,)), UNCORRECTED)
    assert found.reached == (POINT.handle,)


@pytest.mark.parametrize(("settings", "reached"), [(SETTINGS, 8), (UNCORRECTED, 5)])
def test_where_a_handle_went_is_told_with_what_was_made_up_for(settings, reached):
    """The generator moved it by 5 px of 8."""
    photo = make_photo()
    crop = crop_of(photo)
    after = pushed(crop.pixels, (5, 0))
    found = composite(
        photo, crop, PaintedChange(crop.pixels, after, (drag_point((8, 0)),)), settings
    )
    (place,) = found.reached
    assert place == pytest.approx(tuple(np.add(PLACE, (reached, 0))), abs=0.6)
    measured = measured_shift(photo.pixels, found.photo.pixels)
    np.testing.assert_allclose(measured, (reached, 0), atol=0.6)


def test_a_handle_that_the_mask_holds_is_said_to_stay():
    mask = np.ones((320, 352), bool)
    mask[100:200, 120:220] = False
    found = run(make_photo(), mask=mask)
    assert found.changed.any()
    assert found.reached == (POINT.handle,)


@pytest.fixture
def use_marks(monkeypatch):
    """Landmarks are found in the painted faces."""

    def use(before, after):
        landmark_motion = LandmarkMotion(before, after, SIZE)
        monkeypatch.setattr(face_motion, "measure_landmark_motion", lambda *given: landmark_motion)

    return use


def test_a_handle_at_a_landmark_is_where_that_was_painted(use_marks, face_marks):
    """Even where the flow sees another motion."""
    use_marks(face_marks / 2, np.add(face_marks / 2, (3, 2)))
    ((x, y),) = run(make_photo(), (5, 0), UNCORRECTED).reached
    assert (x, y) == pytest.approx(tuple(np.add(PLACE, (3, 2))), abs=0.1)


def test_landmarks_that_are_known_are_not_looked_for(monkeypatch, face_marks):
    monkeypatch.delattr(face_motion, "measure_landmark_motion")
    photo = make_photo()
    crop = crop_of(photo)
    landmark_motion = LandmarkMotion(face_marks / 2, np.add(face_marks / 2, (3, 2)), SIZE)
    after = pushed(crop.pixels, (5, 0))
    points = [drag_point((5, 0))]
    found = composite(
        photo,
        crop,
        PaintedChange(crop.pixels, after, tuple(points), landmark_motion=landmark_motion),
        UNCORRECTED,
    )
    assert found.reached[0] == pytest.approx(tuple(np.add(PLACE, (3, 2))), abs=0.1)


def test_an_opened_mouth_shows_the_generators_pixels(use_marks, face_marks):
    """Not the photo's, although the flow can stretch a lip over the gap."""
    landmark_motion = face_marks / 2 + (0, 128 - 175.5)  # the mouth is in the middle
    opened = landmark_motion.copy()
    opened[65:68, 1] += 16
    soft = make_photo()
    fine = np.random.default_rng(3).integers(-12, 13, soft.pixels.shape)
    photo = Photo(np.clip(soft.pixels + fine, 0, 255).astype(np.uint8))
    crop = crop_of(soft)

    def sharpness():
        found = composite(
            photo, crop, PaintedChange(crop.pixels, crop.pixels, (POINT,)), UNCORRECTED
        )
        mouth = found.photo.pixels[TOP + 132 : TOP + 140, LEFT + 122 : LEFT + 134]
        return cv2.Laplacian(mouth.astype(np.float32), cv2.CV_32F).var()

    use_marks(landmark_motion, landmark_motion)
    closed = sharpness()
    use_marks(landmark_motion, opened)
    assert sharpness() < 0.2 * closed


def test_hair_that_is_painted_anew_does_not_move():
    """Above the brows a motion is the hair's own; the photo's stays."""
    photo = make_photo()
    crop = crop_of(photo)
    positions, hair = grid(SIZE), np.array([128.0, 46.0])
    near = np.exp(-np.square(positions - hair).sum(axis=2, keepdims=True) / (2 * 12**2))
    after = cv2.remap(
        crop.pixels, (positions - near * (5, 0)).astype(np.float32), None, cv2.INTER_CUBIC
    )
    found = composite(photo, crop, PaintedChange(crop.pixels, after, (POINT,)), UNCORRECTED)
    assert (np.abs(after.astype(int) - crop.pixels) > 30).any()
    apart = np.abs(found.photo.pixels.astype(int) - photo.pixels)
    assert apart.mean() < 0.1
    assert (apart > 15).mean() < 1e-3


def test_what_is_beside_the_skin_goes_along_and_less_further_out():
    """All of the painted face moves by 6 px, its background too."""
    photo = make_photo()
    crop = crop_of(photo)
    after = np.roll(crop.pixels, 6, axis=1)
    found = composite(
        photo, crop, PaintedChange(crop.pixels, after, (drag_point((6, 0)),)), UNCORRECTED
    )
    # Below the chin, 70 px under the middle, down to the crop's end.
    below = [int(PLACE[1]) + 70 + away for away in (6, 20, 36)]
    moved = [
        np.abs(found.photo.pixels[y, 150:186].astype(int) - photo.pixels[y, 150:186]).mean()
        for y in below
    ]
    assert moved[0] > moved[1] > moved[2]
    assert moved[2] < 0.7 * moved[0]


def test_the_flow_is_told_what_the_landmarks_did(use_marks, face_marks):
    """A motion too far for it alone, of a whole face."""
    photo = make_photo()
    crop = crop_of(photo)
    landmark_motion = face_marks / 2
    after = np.roll(crop.pixels, 30, axis=1)
    use_marks(landmark_motion, np.add(landmark_motion, (30, 0)))
    found = composite(
        photo, crop, PaintedChange(crop.pixels, after, (drag_point((30, 0)),)), UNCORRECTED
    )
    mouth = (slice(TOP + 171, TOP + 180), slice(LEFT + 145, LEFT + 172))
    wanted = photo.pixels[mouth[0], LEFT + 115 : LEFT + 142]
    apart = np.abs(found.photo.pixels[mouth].astype(int) - wanted)
    assert apart.mean() < 6
