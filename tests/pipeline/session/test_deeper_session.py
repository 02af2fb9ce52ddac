"""A session whose edit needs a deeper inversion than it was begun with."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from photodrag.checkpoints import load_generator
from photodrag.pipeline import EditRequest, InvertRun, SessionFolder, SessionWork, keep_session
from photodrag.pipeline.edit.depth import settled
from photodrag.pipeline.session.session import SessionState
from photodrag.pipeline.settings import DEFAULTS

DRAG = ["mouth_left->-5%,-4%"]


@pytest.fixture(scope="module")
def deepened(small_portrait, tiny_checkpoint, tmp_path_factory):
    """A session with three edits, and their results: its own pixels, pasted, its own again."""
    folder = tmp_path_factory.mktemp("deepened")
    photo = folder / "me.png"
    shutil.copyfile(small_portrait, photo)
    generator = load_generator(str(tiny_checkpoint))
    settings = replace(
        DEFAULTS,
        checkpoint=str(tiny_checkpoint),
        drag=replace(DEFAULTS.drag, max_steps=2),
        composite=replace(DEFAULTS.composite, flow_size=128),
    )
    paste = replace(settings, composite=replace(settings.composite, method="paste"))
    run = InvertRun(photo, settled(settings), generator=generator)
    list(run)
    kept = keep_session(folder / "me.session", photo, run, generator, settings)
    work, results, stages = SessionWork(kept, generator=generator), [], []
    for own in (None, paste, None):
        edit = work.edit(EditRequest(DRAG, settings=own))
        stages.append({step.stage for step in edit})
        with work.folder.changing():
            work.record(edit.result)
        results.append(edit.result)
    return folder / "me.session", generator, results, stages


def test_it_is_tuned_once_where_an_edit_needs_it(deepened):
    _, _, (light, deep, after), stages = deepened
    assert [("tune" in found, "pivot" in found) for found in stages] == [
        (False, False),
        (True, False),
        (False, False),
    ]
    assert not light.inversion.tuned
    assert deep.inversion.tuned
    assert after.inversion is deep.inversion


def test_every_edit_is_painted_by_its_own_inversion(deepened):
    folder, generator, results, _ = deepened
    work = SessionWork(SessionFolder(folder), generator=generator)
    assert len({work.session.inversion, *(e.inversion for e in work.session.edits)}) == 3  # + None
    for count, result in enumerate(results, start=1):
        assert np.array_equal(work.render(count).pixels, result.photo.pixels)


def test_after_an_undo_the_shallow_one_counts(deepened, tmp_path):
    folder, generator, _, _ = deepened
    shutil.copytree(folder.parent, tmp_path / "copy")
    kept = SessionFolder(tmp_path / "copy" / folder.name)
    with kept.changing():
        for _ in range(2):
            kept.write(SessionState.undone(kept.session))
    work = SessionWork(kept, generator=generator)
    assert not work.inversion.tuned
    with kept.changing():
        kept.write(SessionState.redone(kept.session))
    assert work.inversion.tuned
