"""A second edit of a face: what it tells the composite of the lips and of the base."""

from dataclasses import replace

import numpy as np
import pytest

from photodrag.alignment.landmarks_again import shown_face
from photodrag.drag import DragPoint
from photodrag.pipeline import EditRequest
from photodrag.pipeline.edit import edit_run as editing
from photodrag.pipeline.edit.edit_run import EditRun
from photodrag.pipeline.edit.start import continue_from


@pytest.fixture
def again(result, quick_settings, monkeypatch):
    """Edits on from a start; gives what `accumulate_drags` and `composite` were told."""
    told = {}

    def watch(name):
        function = getattr(editing, name)

        def watched(*args, **kwargs):
            told[name] = args
            return function(*args, **kwargs)

        monkeypatch.setattr(editing, name, watched)

    def run(start, points, adjust):
        for name in ("accumulate_drags", "composite"):
            watch(name)
        edit = EditRun(
            result.source, EditRequest(points, adjust, settings=quick_settings), start=start
        )
        for _ in edit:
            pass
        return told, edit.result

    return run


def test_lips_are_told_by_their_landmarks(again, result):
    start = continue_from(result)
    nose = start.current_face.landmarks[30]
    told, edit = again(start, ["62->+0%,-2%", (tuple(nose), tuple(nose + 3))], [("smile", 0.4)])
    held, points, _, crop, _, lips, own = told["accumulate_drags"]
    assert held == start.all_drags
    assert own == 2
    assert lips[0] == 62
    assert 1 not in lips
    assert {48, 54} <= set(lips.values())
    assert all(points[n].handle == tuple(start.current_face.landmarks[m]) for n, m in lips.items())
    assert crop is edit.crop
    lips_held = {point.handle for point in told["composite"][2].drags}
    assert any(np.allclose(handle, start.face.landmarks[48], atol=1e-6) for handle in lips_held)


def test_the_base_is_told_with_its_own_landmarks(again, result):
    mask = np.ones(result.changed.shape, bool)
    start = continue_from(result, mask)
    told, _ = again(start, [], [("smile", 0.4)])
    landmarks = shown_face(result.photo, result.start.face).landmarks
    np.testing.assert_array_equal(told["composite"][1].face.landmarks, landmarks)


def test_earlier_drags_count_though_nothing_was_painted_anew(again, result):
    """The guide found no way, and the composite alone moved the photo."""
    start = replace(continue_from(result), latent=result.inversion.latent)
    assert start.all_drags
    told, edit = again(start, ["chin->+0%,+3%"], [])
    assert told["accumulate_drags"][0] == start.all_drags
    assert len(edit.all_drags) == len(start.all_drags) + 1
    assert isinstance(edit.all_drags[0], DragPoint)
