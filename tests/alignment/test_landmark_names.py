import pytest

from photodrag.alignment import LANDMARK_NAMES, landmark_index
from photodrag.errors import LandmarkError


def test_names_and_numbers_are_understood():
    assert landmark_index("mouth_left") == 48
    assert landmark_index("67") == 67
    assert len(set(LANDMARK_NAMES.values())) == len(LANDMARK_NAMES)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("68", "67"),
        ("mouth_lft", "mouth_left"),
        ("-1", "0 to 67"),
        ("", "0 to 67"),
        ("²", "0 to 67"),
    ],
)
def test_other_names_are_refused(name, message):
    with pytest.raises(LandmarkError, match=message):
        landmark_index(name)


def test_names_lie_where_they_say(face):
    place = {name: face.landmarks[index] for name, index in LANDMARK_NAMES.items()}
    assert place["mouth_left"][0] < place["lip_top"][0] < place["mouth_right"][0]
    assert place["eye_left_outer"][0] < place["eye_left_inner"][0] < place["eye_right_inner"][0]
    assert place["brow_left_middle"][1] < place["nose_tip"][1] < place["lip_top"][1]
    assert place["lip_top"][1] < place["lip_bottom"][1] < place["chin"][1]
