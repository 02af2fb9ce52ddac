"""A session whose head is tilted first: later edits find the face where the photo shows it."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from photodrag.checkpoints import load_generator
from photodrag.pipeline import EditRequest, InvertRun, SessionFolder, SessionWork, keep_session
from photodrag.pipeline.composite.head_motion import STILL
from photodrag.pipeline.settings import DEFAULTS

SMILE = ["mouth_left->-5%,-4%"]


@pytest.fixture(scope="module")
def tilted(small_portrait, tiny_checkpoint, tmp_path_factory):
    """A tilt, a drag on top of it, and one with a mask; and what each edit gave."""
    folder = tmp_path_factory.mktemp("tilted")
    photo = folder / "me.png"
    shutil.copyfile(small_portrait, photo)
    generator = load_generator(str(tiny_checkpoint))
    settings = replace(
        DEFAULTS,
        depth="set",
        checkpoint=str(tiny_checkpoint),
        project=replace(DEFAULTS.project, steps=2),
        tune=replace(DEFAULTS.tune, steps=0),
        drag=replace(DEFAULTS.drag, max_steps=2),
        composite=replace(DEFAULTS.composite, flow_size=128),
    )
    run = InvertRun(photo, settings, generator=generator)
    list(run)
    work = SessionWork(
        keep_session(folder / "me.session", photo, run, generator), generator=generator
    )
    mask = np.ones((384, 384), bool)
    requests = [
        EditRequest(adjust={"roll": 8}),
        EditRequest(SMILE),
        EditRequest(["brow_left_middle->+0%,-5%"], mask=mask),
    ]
    results = []
    for request in requests:
        edit = work.edit(request)
        list(edit)
        with work.folder.changing():
            work.record(edit.result)
        results.append(edit.result)
    return folder / "me.session", generator, results


def test_the_photo_shows_the_tilt(tilted):
    _, _, (tilt, *_) = tilted
    shown = np.array(tilt.reached)
    asked = np.array([point.target for point in tilt.points])
    assert np.linalg.norm(shown - asked, axis=1).mean() < 2.0


def test_later_edits_keep_it(tilted):
    _, _, (tilt, smile, brow) = tilted
    eyes = [36, 39, 42, 45]
    now = smile.start.current_face.landmarks[eyes]
    angle = np.degrees(np.arctan2(*(now[3] - now[0])[::-1]))
    first = tilt.start.face.landmarks[eyes]
    assert angle - np.degrees(np.arctan2(*(first[3] - first[0])[::-1])) == pytest.approx(8, abs=2)
    assert smile.start.base_head == STILL
    turn = brow.start.base_head.turn  # of the base with the mask: the photo as it was tilted
    assert np.degrees(np.angle(turn)) == pytest.approx(8, abs=2)


def test_a_session_that_is_opened_again_gives_the_same(tilted):
    folder, generator, results = tilted
    work = SessionWork(SessionFolder(folder), generator=generator)
    for count, result in enumerate(results, start=1):
        assert np.array_equal(work.render(count).pixels, result.photo.pixels)
    assert work.start(results[-1].mask).base_head == pytest.approx(results[-1].start.base_head)
