import numpy as np
import pytest

from photodrag.alignment import Face, Photo, draw_faces, find_faces, select_face
from photodrag.errors import FaceNumberError, LandmarkError, NoFaceError

EYES = np.array([[821, 815], [1261, 815]])  # of the example, by eye


def _face(index):
    return Face(index, (0, 0, 9, 9), np.arange(136, dtype=float).reshape(68, 2), 1.0)


def test_the_portraits_face_is_found(portrait, face):
    assert face.index == 1
    left, top, right, bottom = face.box
    assert left < face.eye_left[0] < face.eye_right[0] < right
    assert top < face.eye_left[1] < face.mouth[1] < bottom
    assert face.eye_distance == pytest.approx(np.hypot(*(face.eye_right - face.eye_left)))
    assert not face.landmarks.flags.writeable


def test_the_larger_face_is_number_one(portrait, face):
    small = portrait.pixels[100:1900:3, 100:1900:3]
    large = portrait.pixels[100:1900:2, 100:1900:2]
    canvas = np.full((900, 1500, 3), 128, np.uint8)
    canvas[200:800, :600] = small
    canvas[:, 600:] = large
    first, second = find_faces(Photo(canvas))
    assert (first.index, second.index) == (1, 2)
    assert first.eye_distance == pytest.approx(face.eye_distance / 2, rel=0.03)
    assert second.eye_distance == pytest.approx(face.eye_distance / 3, rel=0.03)
    assert first.eye_left[0] > second.eye_right[0]
    drawn = draw_faces(Photo(canvas), (first, second))
    assert drawn.shape == canvas.shape
    assert (drawn != canvas).any()


def test_no_face_is_an_empty_answer():
    assert find_faces(Photo(np.full((60, 80, 3), 128, np.uint8))) == ()


def test_choosing_a_face():
    faces = (_face(1), _face(2))
    assert select_face(faces).index == 1
    assert select_face(faces, 2) is faces[1]
    with pytest.raises(FaceNumberError, match=r"face 3.*2 faces"):
        select_face(faces, 3)
    with pytest.raises(FaceNumberError, match=r"face 0.*1 face"):
        select_face(faces[:1], 0)
    with pytest.raises(NoFaceError, match="40x30"):
        select_face((), photo_size=(40, 30))


@pytest.mark.parametrize("landmarks", [np.zeros((5, 2)), np.full((68, 2), np.nan)])
def test_broken_landmarks_are_refused(landmarks):
    with pytest.raises(LandmarkError):
        Face(1, (0, 0, 9, 9), landmarks, 1.0)
