"""Frames out of clips that are made here: each shows its own number as a grey."""

import click
import cv2
import numpy as np
import pytest

from evaluation.clips import Frame, farthest_frames, find_clips, some_frames
from photodrag.alignment import Face, Photo

STEP, LENGTH = 10, 24
SHAPE = np.random.default_rng(0).uniform(0, 40, (68, 2))


def face_at(place):
    return Face(1, (0, 0, 40, 40), SHAPE + np.array([place, 0]), 1.0)


def number_of(photo):
    return round(float(photo.pixels.mean()) / STEP)


def find(photo):
    """A face that goes to the right, a pixel in each frame; none in the frames 10 to 13."""
    number = number_of(photo)
    return () if 10 <= number < 14 else (face_at(number),)


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "walk.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
    assert writer.isOpened()
    for number in range(LENGTH):
        writer.write(np.full((48, 64, 3), STEP * number, np.uint8))
    writer.release()
    return path


def test_frames_are_those_of_their_numbers(clip):
    frames = some_frames(clip, 6, 0, lambda photo: (face_at(0),))
    assert len(frames) == 6
    assert frames[0].number == 0
    assert [number_of(frame.photo) for frame in frames] == [frame.number for frame in frames]
    assert sorted({frame.number for frame in frames}) == [frame.number for frame in frames]
    assert frames[0].photo.size == (64, 48)


def test_a_seed_decides_which(clip):
    chosen = [
        [frame.number for frame in some_frames(clip, 6, seed, lambda photo: (face_at(0),))]
        for seed in (0, 0, 1)
    ]
    assert chosen[0] == chosen[1] != chosen[2]


def test_more_frames_than_there_are_is_all_of_them(clip):
    frames = some_frames(clip, 100, 0, lambda photo: (face_at(0),))
    assert [frame.number for frame in frames] == list(range(LENGTH))


def test_frames_without_a_face_are_left_out(clip):
    numbers = {frame.number for frame in some_frames(clip, 100, 0, find)}
    assert numbers == {*range(10), *range(14, LENGTH)}


def test_what_is_no_clip_is_said(tmp_path):
    path = tmp_path / "no.mp4"
    path.write_bytes(b"no clip")
    with pytest.raises(click.ClickException, match=r"no\.mp4 is no clip"):
        some_frames(path, 4, 0, find)


def test_a_clip_of_one_frame_is_refused(tmp_path):
    path = tmp_path / "one.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
    writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    with pytest.raises(click.ClickException, match=r"one\.avi has 1 frames"):
        some_frames(path, 4, 0, find)


def test_clips_are_found_by_their_names(tmp_path):
    for name in ("b.mp4", "a.MOV", "c.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in find_clips(tmp_path)] == ["a.MOV", "b.mp4"]
    assert [path.name for path in find_clips(tmp_path, ["b"])] == ["b.mp4"]
    with pytest.raises(click.BadParameter, match="no clip d"):
        find_clips(tmp_path, ["d"])
    with pytest.raises(click.BadParameter, match="no clip"):
        find_clips(tmp_path / "..")


def test_the_farthest_from_the_first_and_from_each_other():
    photo = Photo(np.zeros((4, 4, 3), np.uint8))
    places = {0: 0.0, 1: 5.0, 2: 50.0, 3: 48.0, 4: -20.0, 5: 24.0}
    frames = [Frame(number, photo, face_at(place)) for number, place in places.items()]
    assert [frame.number for frame in farthest_frames(frames, 3)] == [2, 5, 4]
    assert len(farthest_frames(frames, 99)) == len(frames) - 1
    assert farthest_frames(frames[:1], 2) == []
