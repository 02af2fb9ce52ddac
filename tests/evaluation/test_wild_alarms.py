"""What the alarms say of pictures whose faults are painted."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from evaluation.edge_alarm import edge_length, unexplained_edges
from evaluation.grain_alarm import streak_area, streaks
from evaluation.line_alarm import bent_lines
from evaluation.wild_alarms import LIMITS, Judgement, judge
from evaluation.wild_edits import FaceView, Trial, WildEdit, face_view
from photodrag.alignment import find_faces, open_photo
from photodrag.pipeline.imaging.sampling import grid

QUIET = Judgement(identity=0.1, edges=0.0, lines=0.5, streaks=0.0, reached={"smile": 0.9})


@pytest.fixture(scope="module")
def view(portrait_path):
    photo = open_photo(portrait_path)
    return face_view(photo, find_faces(photo)[0])


def with_pixels(view, pixels):
    return FaceView(np.asarray(pixels, np.uint8), view.landmarks, view.eye_distance)


def on(view, place):
    """A place in eye distances right of and below the middle of the nose, in pixels."""
    return np.round(view.landmarks[30] + np.multiply(place, view.eye_distance)).astype(int).tolist()


def pushed(view, middle, way, width):
    """The view; what is near a place is pushed by some pixels, and the landmarks with it."""
    positions = grid(len(view.pixels))

    def motion(places):
        away = np.square(places - middle).sum(axis=-1, keepdims=True)
        return np.exp(-away / (2 * width**2)) * np.array(way)

    x, y = cv2.split((positions - motion(positions)).astype(np.float32))
    pixels = cv2.remap(view.pixels, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return FaceView(pixels, view.landmarks + motion(view.landmarks), view.eye_distance)


def test_a_picture_that_stays_raises_nothing(view):
    assert not unexplained_edges(view, view).any()
    assert not streaks(view, view).any()
    assert all(line.bend == 0 for line in bent_lines(view, view))


def test_a_ghost_on_the_cheek_is_an_edge_that_nothing_explains(view):
    """As a nod painted one: the rim of glasses, faint, on a bare cheek."""
    pixels = view.pixels.copy()
    centre, size = on(view, (0.5, 0.1)), round(0.25 * view.eye_distance)
    cv2.ellipse(pixels, centre, (size, size // 2), 0, 10, 170, (60, 40, 40), 6, cv2.LINE_AA)
    pixels = cv2.addWeighted(pixels, 0.6, view.pixels, 0.4, 0)
    marks = unexplained_edges(view, with_pixels(view, pixels))
    assert edge_length(marks, view.eye_distance) > LIMITS["edges"]
    rows, columns = np.nonzero(marks)
    assert abs(rows.mean() - centre[1]) < size
    assert abs(columns.mean() - centre[0]) < size


def test_landmarks_explain_what_moves_with_them(view):
    mouth = view.landmarks[48:68].mean(axis=0)
    moved = pushed(view, mouth, (0, 0.06 * view.eye_distance), 0.3 * view.eye_distance)
    assert np.abs(moved.pixels.astype(int) - view.pixels).max() > 40
    marks = unexplained_edges(view, moved)
    assert edge_length(marks, view.eye_distance) <= LIMITS["edges"]


@pytest.fixture(scope="module")
def shelf(view):
    """The view before a shelf: a dark line beside the head, at the height of the nose."""
    pixels = view.pixels.copy()
    height = on(view, (0, 0))[1]
    pixels[height - 4 : height + 4, : round(0.6 * view.eye_distance)] = 20
    return with_pixels(view, pixels)


def test_a_line_that_is_bent_is_told(view, shelf):
    place = np.array([0.3 * view.eye_distance, view.landmarks[30, 1]])
    bent = pushed(shelf, place, (0, 0.08 * view.eye_distance), 0.15 * view.eye_distance)
    first = bent_lines(shelf, replace(bent, landmarks=view.landmarks))[0]
    assert first.bend > LIMITS["lines"]
    assert first.bend == pytest.approx(4, abs=3)
    for x, y in (first.begin, first.end):
        assert x < 0.7 * view.eye_distance
        assert abs(y - place[1]) < 0.05 * view.eye_distance


def test_a_line_that_is_shifted_is_straight(view, shelf):
    pixels = shelf.pixels.copy()
    height = on(view, (0, 0))[1]
    width = round(0.6 * view.eye_distance)
    pixels[height - 40 : height + 44, :width] = shelf.pixels[height - 44 : height + 40, :width]
    lines = bent_lines(shelf, with_pixels(shelf, pixels))
    mine = [line for line in lines if abs(line.begin[1] - height) < 12 and line.end[0] < width]
    assert mine
    assert max(line.bend for line in mine) < 0.3


def test_lines_of_the_face_do_not_count(view):
    pixels = view.pixels.copy()
    begin, end = on(view, (-0.4, 0.2)), on(view, (0.4, 0.2))
    cv2.line(pixels, begin, end, (0, 0, 0), 5)
    drawn = with_pixels(view, pixels)
    low, high = begin[1] - 10, begin[1] + 10
    for line in bent_lines(drawn, drawn):
        assert not (low < line.begin[1] < high and begin[0] - 9 < line.begin[0] < end[0] + 9)


def grain(view, stretched):
    """Grain on the forehead and around it; within a square it is pulled out sideways."""
    noise = np.random.default_rng(0).normal(0, 7, view.pixels.shape[:2])
    if stretched:
        left, top = on(view, (-0.5, -1.1))
        side = round(0.6 * view.eye_distance)
        area = (slice(top, top + side), slice(left, left + side))
        noise[area] = 3 * cv2.blur(noise[area], (9, 1))
    even = cv2.GaussianBlur(view.pixels, (0, 0), 8) + noise[..., None]
    return with_pixels(view, even.clip(0, 255))


def test_grain_that_is_pulled_into_streaks_is_told(view):
    marks = streaks(grain(view, False), grain(view, True))
    assert streak_area(marks, view.eye_distance) > LIMITS["streaks"]
    left, top = on(view, (-0.5, -1.1))
    rows, columns = np.nonzero(marks)
    assert left - 20 < columns.min()
    assert columns.max() < left + 0.6 * view.eye_distance + 20
    assert top - 20 < rows.min()


def test_other_grain_of_the_same_kind_is_none(view):
    other = with_pixels(view, np.roll(grain(view, False).pixels, 3, axis=1))
    marks = streaks(grain(view, False), other)
    assert streak_area(marks, view.eye_distance) < LIMITS["streaks"] / 3


@pytest.mark.parametrize("name", LIMITS)
def test_each_number_alarms_beyond_its_limit(name):
    at = replace(QUIET, **{name: LIMITS[name]})
    assert at.alarms == ()
    assert replace(QUIET, **{name: LIMITS[name] + 0.01}).alarms == (name,)


@pytest.mark.parametrize(("reached", "alarms"), [(0.9, 0), (0.2, 1), (-0.5, 1), (2.5, 1)])
def test_too_little_and_too_much_are_alarms(reached, alarms):
    found = replace(QUIET, reached={"smile": 0.8, "yaw": reached}).alarms
    assert len(found) == alarms
    assert all(alarm == f"yaw {reached:.2f}" for alarm in found)


def test_a_trial_is_judged(view):
    edit = WildEdit("smile=0.8", (("smile", 0.8),))
    trial = Trial(edit, None, view, {"smile": 0.8}, {"smile": 0.6}, identity=0.5, seconds=1.0)
    found = judge(view, trial)
    assert found.identity == 0.5
    assert found.reached == {"smile": pytest.approx(0.75)}
    assert (found.edges, found.lines, found.streaks) == (0, 0, 0)
    assert found.as_row()["alarms"] == ["identity"]
