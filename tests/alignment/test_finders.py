import cv2
import numpy as np
import pytest

from photodrag.alignment.blazeface import blazeface_faces
from photodrag.alignment.copies import Copy, scaled_copy, smaller_ones, tiles, turned
from photodrag.alignment.found import Found, merged
from photodrag.alignment.hog import hog_faces
from photodrag.alignment.landmarks import Frame, frame_of
from photodrag.alignment.light import is_dark, stretched
from photodrag.alignment.resampling import map_points
from photodrag.alignment.yunet import yunet_faces

SIDE = 400  # pixels of the portrait's copy; its face is 193 wide


def small(portrait):
    return scaled_copy(portrait, SIDE / 2048)


@pytest.mark.parametrize(
    ("finder", "near"),
    [
        (lambda picture: yunet_faces(picture, 0.5), 0.08),
        (lambda picture: blazeface_faces(picture, 0.5), 0.1),
        (hog_faces, 0.2),  # its squares come in steps
    ],
    ids=["yunet", "blazeface", "hog"],
)
def test_finders_see_the_face_where_dlib_does(portrait, face, finder, near):
    (found,) = finder(small(portrait).pixels)
    there = found.through(small(portrait).back).frame
    expected = frame_of(face.landmarks)
    assert abs(there.centre - expected.centre) < near * abs(expected.side)
    assert abs(there.side - expected.side) < 2 * near * abs(expected.side)
    assert 0.5 < found.score < 1


@pytest.mark.parametrize("finder", [yunet_faces, blazeface_faces])
def test_a_higher_bar_lets_fewer_pass(portrait, finder):
    assert finder(small(portrait).pixels, 0.5)
    assert finder(small(portrait).pixels, 0.99) == []


def test_blazeface_looks_along_wide_pictures(portrait):
    picture = small(portrait).pixels
    wide = np.full((SIDE, 6 * SIDE, 3), 128, np.uint8)
    wide[:, 4 * SIDE : 5 * SIDE] = picture
    (there,) = blazeface_faces(picture, 0.5)
    (found,) = blazeface_faces(wide, 0.5)
    assert abs(found.frame.centre - there.frame.centre - 4 * SIDE) < 0.1 * abs(there.frame.side)
    tall = np.ascontiguousarray(wide.transpose(1, 0, 2))
    assert all(abs(one.frame.centre.imag) < 6 * SIDE for one in blazeface_faces(tall, 0.5))


def marked(*at, size=(60, 90)):
    """A black picture with one white pixel."""
    picture = np.zeros((*size, 3), np.uint8)
    picture[at[1], at[0]] = 255
    return picture


def brightest(picture):
    y, x = np.unravel_index(picture.sum(axis=2).argmax(), picture.shape[:2])
    return np.array([[x, y]], np.float64)


@pytest.mark.parametrize("angle", [0, 90, -90, 180, 37])
def test_turned_copies_know_the_way_back(angle):
    copy = Copy(marked(70, 20), np.array([[2, 0, 5.0], [0, 2, 7.0]]))
    part = turned(copy, angle)
    assert map_points(part.back, brightest(part.pixels)) == pytest.approx(
        np.array([[145, 47]]), abs=2
    )
    assert min(part.pixels.shape[:2]) > 60  # nothing is cut off


def test_smaller_copies_know_the_way_back():
    picture = cv2.GaussianBlur(marked(700, 300, size=(600, 1000)), (0, 0), 9)
    copies = list(smaller_ones(picture))
    assert [copy.pixels.shape[1] for copy in copies] == [1000, 500, 250]
    for copy in copies:
        back = map_points(copy.back, brightest(copy.pixels))
        assert back == pytest.approx(np.array([[700, 300]]), abs=4)
    assert [copy.pixels.shape[1] for copy in smaller_ones(picture, 600)] == [500, 250]


def test_tiles_hold_everything_and_overlap():
    picture = np.zeros((1000, 5000, 3), np.uint8)
    parts = list(tiles(Copy(picture, np.eye(2, 3))))
    assert len(parts) == 4
    seen = np.zeros(5000, int)
    for part in parts:
        ends = map_points(part.back, np.array([[48, 48], [part.pixels.shape[1] - 49, 48]]))
        left, right = np.round(ends[:, 0]).astype(int)
        assert ends[:, 1] == pytest.approx([0, 0])
        seen[left : right + 1] += 1
    assert seen.min() == 1
    assert (seen > 1).sum() >= 3 * 160
    (whole,) = tiles(Copy(picture[:, :900], np.eye(2, 3)))
    assert whole.pixels.shape == (1096, 996, 3)


def test_of_two_on_one_face_the_surer_is_kept():
    one, again = Found(Frame(100 + 100j, 80), 0.9), Found(Frame(110 + 96j, 90), 0.95)
    beside = Found(Frame(170 + 100j, 80), 0.6)
    assert merged([one, beside, again]) == [again, beside]


def test_found_faces_go_through_similarities():
    found = Found(Frame(10 + 20j, 4 + 0j), 0.5)
    quarter = np.array([[0, -2, 100.0], [2, 0, 50.0]])  # turned to the right, twice the size
    assert found.through(quarter) == Found(Frame(60 + 70j, 8j), 0.5)


def test_only_dark_pictures_are_stretched(portrait):
    picture = small(portrait).pixels
    assert not is_dark(picture)
    assert stretched(picture) is picture
    dark = (picture * 0.08).astype(np.uint8)
    assert is_dark(dark)
    assert not is_dark(stretched(dark))
    assert np.corrcoef(stretched(dark).ravel(), picture.ravel())[0, 1] > 0.97
    black = np.zeros((40, 40, 3), np.uint8)
    assert (stretched(black) == 0).all()
