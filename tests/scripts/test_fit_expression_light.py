"""Learning the light of expressions, from samples whose light is known."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from photodrag.alignment import align, find_faces, open_photo
from photodrag.pipeline.composite.expression_light import read_light
from photodrag.pipeline.imaging.linear_light import from_linear, to_linear
from photodrag.pipeline.imaging.sampling import grid
from scripts import fit_expression_light
from scripts.fit_expression_light import SIZE, Sample, explained, fit, main, observe

LIP, CORNER = 57, 54


@pytest.fixture(scope="module")
def photo(small_portrait):
    return open_photo(small_portrait)


@pytest.fixture(scope="module")
def face(photo):
    return find_faces(photo)[0]


@pytest.fixture(scope="module")
def crop(photo, face):
    return align(photo, face, SIZE)


@pytest.fixture(scope="module")
def landmarks(crop):
    return crop.to_crop(crop.face.landmarks)


def spot(place, radius=30.0):
    away = np.square(grid(SIZE) - np.asarray(place, np.float32)).sum(axis=2)
    return np.exp(-0.5 * away / radius**2).astype(np.float32)


def cheek(landmarks):
    """Between the nose and the jaw on the viewer's right."""
    return (landmarks[35] + landmarks[13]) / 2


def sample(landmarks, amount, person="P001"):
    """The more the lip goes down, the lighter is the cheek."""
    after = landmarks.copy()
    after[LIP] += 0, amount
    light = 0.02 * amount * spot(cheek(landmarks))
    return Sample(person, landmarks, after, light, np.ones((SIZE, SIZE), np.float32))


def test_in_a_mirror_left_is_right(landmarks):
    one = sample(landmarks, 10)
    one.after[CORNER] += 5, 0
    other = one.mirrored()
    moved = other.after - other.before
    np.testing.assert_allclose(moved[48], (-5, 0), atol=1e-9)
    np.testing.assert_allclose(moved[LIP], (0, 10), atol=1e-9)
    assert (other.before[36:42, 0] < other.before[42, 0]).all()
    again = other.mirrored()
    np.testing.assert_allclose(again.after, one.after, atol=1e-9)
    np.testing.assert_array_equal(again.light, one.light)


def test_the_light_of_a_cheek_is_seen(crop, landmarks):
    place = cheek(landmarks)
    factor = 1 + 0.3 * spot(place, 15)
    second = from_linear((to_linear(crop.pixels) * factor[..., None]), np.dtype(np.uint8))
    found = observe("P001", crop.pixels, second, landmarks, landmarks)
    x, y = np.round(place).astype(int)
    assert found.weight[y, x] > 0.8
    assert found.light[y, x] == pytest.approx(np.log(1.25), abs=0.08)
    assert (found.light * found.weight).sum() == pytest.approx(0, abs=1)
    for part in (slice(36, 42), slice(48, 60)):
        x, y = np.round(landmarks[part].mean(axis=0)).astype(int)
        assert found.weight[y, x] == 0
    assert found.weight[5, 5] == 0


def test_brighter_all_over_is_no_expression(crop, landmarks):
    second = from_linear(to_linear(crop.pixels) * np.float32(0.8), np.dtype(np.uint8))
    found = observe("P001", crop.pixels, second, landmarks, landmarks)
    inner = found.weight > 0.5
    assert np.abs(found.light[inner]).mean() < 0.02


def test_what_follows_from_landmarks_is_learned(landmarks):
    samples = [sample(landmarks, amount, f"P{amount}") for amount in (4, 8, 12, 16)]
    light = fit(samples)
    wanted = sample(landmarks, 10)
    change = light.change(wanted.before, wanted.after, wanted.after, SIZE)
    x, y = np.round(cheek(landmarks)).astype(int)
    half = wanted.light[y, x] / 2  # each cheek: mirror images were learned, too
    assert 0.2 * half < change[y, x] < 1.1 * half
    beside = change[: SIZE // 4]
    assert np.abs(beside).max() < 0.1 * change[y, x]
    assert explained(samples, [one.person for one in samples]) > 0.2
    chance = [replace(one, light=-one.light * (-1) ** i) for i, one in enumerate(samples)]
    assert explained(chance, [one.person for one in chance]) < 0.1


def test_the_program_writes_what_it_learned(landmarks, tmp_path, monkeypatch):
    people = {"P001": [4, 8], "P002": [6], "P003": [9, 12]}
    monkeypatch.setattr(
        fit_expression_light, "sheets", lambda package: [(name, None) for name in people]
    )
    monkeypatch.setattr(
        fit_expression_light,
        "samples_of",
        lambda name, sheet: [sample(landmarks, amount, name) for amount in people[name]],
    )
    package, place = tmp_path / "some.whl", tmp_path / "light.safetensors"
    package.touch()
    arguments = [str(package), "-o", str(place), "--left-out", "P003"]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert "P001: 2 expressions" in result.output
    assert "P003" not in result.output
    assert "is explained" in result.output
    light = read_light(place)
    np.testing.assert_allclose(
        light.middle, fit([sample(landmarks, n) for n in (4, 8, 6)]).middle, atol=1e-3
    )
    nobody = CliRunner().invoke(main, [*arguments[:3], "--left-out", "P100"])
    assert nobody.exit_code == 2
    assert "P100" in nobody.output
    everybody = [*arguments[:3], *(f"--left-out={name}" for name in people)]
    assert CliRunner().invoke(main, everybody).exit_code == 1


def test_heads_that_turned_are_left_out(crop, landmarks, photo, face, monkeypatch):
    """A sheet of the neutral face, itself again, turned, and shifted by half a pixel."""
    middle = face.landmarks.mean(axis=0)
    pictures = []
    for degrees, shift in ((0, 0), (0, 0.5), (9, 0), (0, 0)):
        matrix = cv2.getRotationMatrix2D(middle.tolist(), degrees, 1.0)
        matrix[:, 2] += shift
        shown = cv2.warpAffine(photo.srgb(), matrix, photo.size, borderMode=cv2.BORDER_REPLICATE)
        pictures.append(shown)
    faces = iter(pictures)
    real = fit_expression_light.find_faces
    sheet = np.zeros((4, 4, 3), np.uint8)

    def find(shown):
        return pictures if shown.pixels.shape == sheet.shape else real(shown)

    monkeypatch.setattr(fit_expression_light, "find_faces", find)
    monkeypatch.setattr(fit_expression_light, "in_reading_order", lambda found: found)
    monkeypatch.setattr(fit_expression_light, "picture_of", lambda face, sheet: next(faces))
    found = list(fit_expression_light.samples_of("P001", sheet))
    assert len(found) == 2
    for one in found:
        assert np.abs(one.after - one.before).max() < 2
        assert np.abs(one.light[one.weight > 0.5]).mean() < 0.02
