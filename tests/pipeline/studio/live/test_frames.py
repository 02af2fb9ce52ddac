"""Frames beside the drag: in order, until the end and no longer, and no fault is lost."""

import threading

import numpy as np
import pytest
import torch

from photodrag.checkpoints import Latent
from photodrag.pipeline.edit.values import EditStep
from photodrag.pipeline.studio.live.frame_warp import Sight
from photodrag.pipeline.studio.live.frames import Frames
from photodrag.pipeline.studio.protocol.events import Frame

SECONDS = 20  # that a test waits before it fails
LATENT = Latent(torch.zeros(2, 4), "tiny")


class Painter:
    """A `Live` whose sights are given; a frame's box says where the landmark is."""

    side, allowed = 100.0, None

    def __init__(self, *positions):
        self.positions = list(positions)

    def sight(self, step, first, start):
        x = self.positions.pop(0)
        if x is None:
            return None
        positions = np.array(step.positions)
        return Sight(
            np.zeros((60, 60, 3), np.uint8), np.array([(x, 20.0)]), positions, (0, 0, 9, 9)
        )

    def small(self, positions):
        return np.array(positions)

    def cut(self, sight):
        return Frame(b"", "", (float(sight.landmarks[0, 0]), 0, 0, 0))


class Told(list):
    """Frames as they come; `until` waits for one."""

    def __init__(self):
        super().__init__()
        self._change = threading.Condition()

    def __call__(self, frame):
        with self._change:
            self.append(frame.box[0])
            self._change.notify_all()

    def until(self, found):
        with self._change:
            assert self._change.wait_for(lambda: found(self), SECONDS), list(self)


def take(showing, x=30.0):
    showing.take(EditStep("drag", 1, 5, LATENT, positions=((x, 20.0),)), None, LATENT)


def test_the_first_frame_is_told_at_once_and_others_lead_to_the_newest():
    told = Told()
    with Frames(Painter(30.0, 40.0), told) as showing:
        take(showing)
        assert told == [30.0]
        take(showing, 40.0)
        told.until(lambda seen: seen[-1] == 40.0)
        assert len(told) > 4
        assert told == sorted(told)


def test_while_nothing_is_painted_the_points_lead():
    told = Told()
    with Frames(Painter(30.0, None), told) as showing:
        take(showing)
        take(showing, 40.0)
        told.until(lambda seen: seen[-1] > 38)


def test_nothing_is_told_after_the_end():
    told = Told()
    with Frames(Painter(30.0, 40.0), told) as showing:
        take(showing)
        take(showing, 40.0)
    count = len(told)
    assert [one for one in threading.enumerate() if one.name == "photodrag-frames"] == []
    assert len(told) == count


def test_without_a_frame_there_is_no_thread():
    told = Told()
    with Frames(Painter(None), told) as showing:
        take(showing)
        assert [one for one in threading.enumerate() if one.name == "photodrag-frames"] == []
    assert told == []


class Broken(Painter):
    def cut(self, sight):
        if sight.landmarks[0, 0] != 30:
            raise ZeroDivisionError("a fault in a frame")
        return super().cut(sight)


def broken():
    with Frames(Broken(30.0, 40.0), Told()) as showing:
        take(showing)
        take(showing, 40.0)
        showing._thread.join(SECONDS)


def broken_twice():
    with Frames(Broken(30.0, 40.0), Told()) as showing:
        take(showing)
        take(showing, 40.0)
        raise KeyError


def test_a_fault_in_the_thread_is_raised_where_the_job_is():
    with pytest.raises(ZeroDivisionError):
        broken()


def test_the_jobs_own_fault_comes_first():
    with pytest.raises(KeyError):
        broken_twice()
