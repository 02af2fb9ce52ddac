"""Light that goes with an expression: laid on the face, off with the head, within what is known."""

import json
import shutil

import numpy as np
import pytest
import safetensors.numpy

from photodrag.alignment.head_pose import turned
from photodrag.errors import CheckpointError
from photodrag.pipeline.composite.expression_light import (
    ExpressionLight,
    expected_light,
    expression,
    read_light,
)
from photodrag.pipeline.request.adjustments import ADJUSTMENTS
from scripts.fitted_files import save_light

SIZE = 512
LIP = 57  # the middle of the lower lip
CHEEK, BROW = np.array([0.3, 0.6]), np.array([0.5, 0.3])  # in parts of the side


def spot(place, side=64):
    x, y = np.meshgrid(*[(np.arange(side) + 0.5) / side] * 2)
    return np.exp(-0.5 * (np.square(x - place[0]) + np.square(y - place[1])) / 0.03**2)


def displacement(*moves):
    """A motion (136,) of length 1 of landmarks, told by number, x and y."""
    motion = np.zeros((68, 2))
    for landmark, x, y in moves:
        motion[landmark] = x, y
    return motion.ravel() / np.linalg.norm(motion)


@pytest.fixture
def light(face_marks):
    """The lower lip going down lightens a spot of the cheek, corners of the mouth one above."""
    displacements = np.array([displacement((LIP, 0, 1)), displacement((48, -1, 0), (54, 1, 0))])
    maps = np.array([0.2 * spot(CHEEK), -0.1 * spot(BROW)], np.float32)
    return ExpressionLight((face_marks + 0.5) / SIZE, displacements, np.array([0.05, 0.1]), maps)


def moved(landmarks, landmark, x, y):
    after = landmarks.copy()
    after[landmark] += x, y
    return after


EYES = 120.0  # px between the eyes of face_marks


@pytest.mark.parametrize("amount", [1.0, -0.5])
def test_skin_is_lighter_by_as_much_as_landmarks_move(light, face_marks, amount):
    after = moved(face_marks, LIP, 0, amount * 0.05 * EYES)
    np.testing.assert_allclose(light.amounts(face_marks, after), [amount, 0], atol=1e-6)
    change = light.change(face_marks, after, face_marks, SIZE)
    assert change.shape == (SIZE, SIZE)
    assert change.dtype == np.float32
    x, y = np.round(CHEEK * SIZE).astype(int)
    assert change[y, x] == pytest.approx(0.2 * amount, rel=0.05)
    assert np.abs(change[:100]).max() < 1e-3


def test_it_lies_where_the_face_does(light, face_marks):
    after = moved(face_marks, LIP, 0, 0.05 * EYES)
    shown = face_marks + np.array([40, -30])
    change = light.change(face_marks, after, shown, SIZE)
    y, x = np.unravel_index(change.argmax(), change.shape)
    np.testing.assert_allclose((x, y), CHEEK * SIZE + (40, -30), atol=6)


def test_a_map_of_another_size_has_the_same_light(light, face_marks):
    after = moved(face_marks, LIP, 0, 0.05 * EYES)
    large = light.change(face_marks, after, face_marks, SIZE)
    half = [(landmarks + 0.5) / 2 - 0.5 for landmarks in (face_marks, after, face_marks)]
    np.testing.assert_allclose(light.change(*half, SIZE // 2), large[::2, ::2], atol=0.01)


def test_a_head_that_moves_as_a_whole_changes_nothing(light, face_marks):
    turn = np.deg2rad(8)
    matrix = 1.05 * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    after = face_marks @ matrix.T + (12, -7)
    np.testing.assert_allclose(expression(face_marks, after), 0, atol=1e-9)
    assert np.abs(light.change(face_marks, after, face_marks, SIZE)).max() < 1e-6
    assert not np.isnan(light.amounts(face_marks, face_marks)).any()


def smiling(landmarks):
    after = landmarks.copy()
    for landmark, displacement in ADJUSTMENTS["smile"].displacements.items():
        after[landmark] += 0.008 * EYES * np.array(displacement)
    return after


@pytest.mark.parametrize("turn", [(8, 0, 0), (-5, 3, 0), (0, 12, 0), (0, -6, 4)])
def test_a_head_that_turns_keeps_its_light_and_a_smile_its_own(face_marks, turn):
    light = read_light()
    still = light.change(face_marks, turned(face_marks, *turn), face_marks, SIZE)
    assert np.abs(still).max() < 0.04
    smile = light.amounts(face_marks, smiling(face_marks))
    both = light.amounts(face_marks, turned(smiling(face_marks), *turn))
    assert np.abs(smile).max() > 0.4
    np.testing.assert_allclose(both[:3], smile[:3], atol=0.25)


def test_what_is_no_expression_changes_nothing(light, face_marks):
    """Most of its motion is none of the ways: a nose that is dragged aside, for instance."""
    strange = moved(moved(face_marks, LIP, 0, 6), 33, 20, 0)
    np.testing.assert_array_equal(light.amounts(face_marks, strange), 0)
    partly = moved(moved(face_marks, LIP, 0, 6), 33, 5, 0)
    assert 0 < light.amounts(face_marks, partly)[0] < 1


def test_no_expression_is_taken_for_a_far_stronger_one(light, face_marks):
    after = moved(face_marks, LIP, 0, 0.5 * EYES)
    np.testing.assert_allclose(light.amounts(face_marks, after), [3, 0], atol=1e-6)


def test_it_is_kept_and_read(light, tmp_path):
    place = tmp_path / "light.safetensors"
    save_light(place, light, {"source": "a test"})
    found = read_light(place)
    for name in ("middle", "displacements", "spread", "maps"):
        np.testing.assert_allclose(getattr(found, name), getattr(light, name), atol=1e-3)
    assert found.maps.dtype == np.float32


def test_what_cannot_be_read_is_refused_by_name(light, tmp_path):
    whole = tmp_path / "whole.safetensors"
    save_light(whole, light, {})
    cut, other, missing = (tmp_path / f"{name}.safetensors" for name in ("cut", "other", "missing"))
    cut.write_bytes(whole.read_bytes()[:-20])
    about = json.dumps({"format": 9})
    other.write_bytes(
        safetensors.numpy.save({"ways": np.zeros(2)}, {"photodrag-expression-light": about})
    )
    for place in (cut, other, missing):
        with pytest.raises(CheckpointError, match=place.name):
            read_light(place)
    shutil.copy(whole, missing)
    read_light(missing)


def test_what_comes_with_photodrag_knows_a_smile(face_marks):
    """Corners of the mouth out and up: skin changes, softly, and on both sides alike."""
    light = read_light()
    smile = np.zeros((68, 2))
    smile[[48, 54, 60, 64]] = [(-1, -1), (1, -1), (-1, -1), (1, -1)]
    number = int(np.abs(light.displacements @ smile.ravel()).argmax())
    assert number < 2
    np.testing.assert_allclose(light.maps[number], light.maps[number][:, ::-1], atol=0.01)
    after = face_marks + EYES * light.spread[number] * light.displacements[number].reshape(68, 2)
    amounts = light.amounts(face_marks, after)
    assert amounts[number] == pytest.approx(1, rel=0.05)
    change = light.change(face_marks, after, face_marks, SIZE)
    assert 0.05 < np.abs(change).max() < 0.5
    assert np.abs(change[:80]).max() < 0.01


def test_light_is_expected_around_what_moves_in_the_face(face_marks):
    after = face_marks.copy()
    after[[48, 54]] += [[-6, -8], [6, -8]]
    found = expected_light(face_marks, after, face_marks, SIZE)
    assert found.shape == (SIZE, SIZE)
    corner, brow = (np.rint(face_marks[number]).astype(int) for number in (48, 19))
    assert found[corner[1], corner[0]] == pytest.approx(1.0)
    assert found[brow[1], brow[0]] == 0.0


def test_a_turned_head_brings_little_light_of_an_expression(face_marks):
    found = expected_light(face_marks, turned(face_marks, 8, 5, 3), face_marks, SIZE)
    assert found.max() < 0.4
    assert found.mean() < 0.02
