"""A batch: what it plans, what it does, and how it goes on."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photodrag.alignment import open_photo
from photodrag.errors import BatchError, RecipeError, SettingsError
from photodrag.files import file_digest
from photodrag.pipeline import EditRequest
from photodrag.pipeline.batch import processes as batch_processes
from photodrag.pipeline.batch import run as batch_run
from photodrag.pipeline.batch.log import LOG_FILE, BatchLog, Done, release
from photodrag.pipeline.batch.run import BatchRun
from photodrag.pipeline.batch.task import BatchTask, check_folder, plan_batch
from photodrag.pipeline.batch.worker import BatchSettings, Worker
from photodrag.pipeline.recipe.recipe import Recipe
from photodrag.pipeline.recipe.recipe_file import write_recipe
from photodrag.pipeline.request.face_drag import parse_face_drag
from photodrag.runs import Run

SMILE = EditRequest((parse_face_drag("mouth_left->-5%,-4%"),))


@pytest.fixture
def recipe(quick_settings, tmp_path):
    composite = replace(quick_settings.composite, flow_size=128)
    path = tmp_path / "smile.json"
    write_recipe(path, Recipe((SMILE,), settings=replace(quick_settings, composite=composite)))
    return path


@pytest.fixture
def photos(small_portrait, tmp_path):
    """One that can be edited, one without a face, one that is no picture."""
    folder = tmp_path / "photos"
    folder.mkdir()
    shutil.copyfile(small_portrait, folder / "me.png")
    Image.new("RGB", (80, 60), "grey").save(folder / "wall.png")
    (folder / "text.jpg").write_text("a photo of me")
    return folder


@pytest.fixture
def here(monkeypatch):
    """The photos are edited in this process; says which."""
    edited = []

    def edit(tasks, folder, settings):
        worker = Worker(settings)
        for task in tasks:
            edited.append(task.photo.name)
            yield task, worker.edit(task, folder)

    monkeypatch.setattr(batch_run, "edit_in_processes", edit)
    return edited


@pytest.fixture
def pretended(monkeypatch):
    """The photos are only said to be edited; says which."""
    edited = []

    def edit(tasks, folder, settings):
        for task in tasks:
            edited.append(task.photo.name)
            (folder / task.output).write_bytes(b"edited")
            photo, result = (file_digest(path) for path in (task.photo, folder / task.output))
            done = Done(str(task.photo), task.recipe_digest, photo, result, release=release())
            yield task, done

    monkeypatch.setattr(batch_run, "edit_in_processes", edit)
    return edited


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def states(run):
    return {step.task.photo.name: step.state for step in run}


def manifest(tmp_path, text):
    path = tmp_path / "photos.csv"
    path.write_text(text, "utf-8")
    return path


def test_each_photo_keeps_its_name(recipe):
    tasks = plan_batch(recipe, ["a/me.jpg", "b/You.TIF", "c/old.heif", "d/pic.bmp"])
    assert [task.output for task in tasks][:2] == ["me.jpg", "You.TIF"]
    assert tasks[3].output == "pic.bmp.png"
    assert [task.photo for task in tasks][:2] == [Path("a/me.jpg"), Path("b/You.TIF")]


def test_a_manifest_says_it_for_each_photo(recipe, tmp_path):
    text = "photo,output,face,recipe\nme.jpg,,,\n sub/me.jpg , other.png,all,smile.json\n"
    for tasks in (
        plan_batch(recipe, [], manifest(tmp_path, text)),
        plan_batch(recipe, [], manifest(tmp_path, "\ufeff" + text)),
    ):
        first, second = tasks
        assert (first.photo, first.output) == (tmp_path / "me.jpg", "me.jpg")
        assert (second.photo, second.output) == (tmp_path / "sub" / "me.jpg", "other.png")
        assert str(first.recipe.face) == "1"
        assert str(second.recipe.face) == "all"
    alone = plan_batch(None, [], manifest(tmp_path, "photo,recipe\nme.jpg,smile.json\n"))
    assert alone[0].recipe == first.recipe


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("file\nme.jpg\n", "column 'file'"),
        ("recipe\nsmile.json\n", "no column photo"),
        ("", "no column photo"),
        ("photo\n", "no photo"),
        ("photo,face\nme.jpg,biggest\n", "line 2: .*biggest"),
        ("photo,face\nme.jpg,1\n,2\n", "line 3: there is no photo"),
        ("photo\nme.jpg,2\n", "line 2: .*more values"),
        ("photo,output\nme.jpg,../me.jpg\n", "without a folder"),
        ("photo,output\nme.jpg,me.exe\n", r"me\.exe"),
        ("photo,recipe\nme.jpg,none.json\n", r"line 2: .*none\.json"),
    ],
)
def test_a_wrong_manifest_is_told_by_its_line(recipe, tmp_path, text, seen):
    with pytest.raises(BatchError, match=seen):
        plan_batch(recipe, [], manifest(tmp_path, text))


def test_what_cannot_begin_is_refused(recipe, tmp_path):
    with pytest.raises(BatchError, match=r"would both become ME\.png"):
        plan_batch(recipe, ["a/me.png", "b/ME.png"])
    with pytest.raises(BatchError, match="no photo"):
        plan_batch(recipe, [])
    with pytest.raises(BatchError, match="no recipe"):
        plan_batch(None, ["me.jpg"])
    with pytest.raises(BatchError, match="no recipe"):
        plan_batch(None, [], manifest(tmp_path, "photo\nme.jpg\n"))
    with pytest.raises(RecipeError, match="none"):
        plan_batch(tmp_path / "none.json", ["me.jpg"])
    with pytest.raises(BatchError, match=r"none\.csv"):
        plan_batch(recipe, [], tmp_path / "none.csv")
    with pytest.raises(SettingsError, match="jobs is 0"):
        BatchSettings(jobs=0)


def test_results_replace_no_photo(recipe, photos, tmp_path):
    tasks = plan_batch(recipe, sorted(photos.iterdir()))
    with pytest.raises(BatchError, match="would replace"):
        BatchRun(tasks, photos)
    with pytest.raises(BatchError, match="is a file"):
        check_folder(recipe, tasks)
    with pytest.raises(BatchError, match="does not exist"):
        check_folder(tmp_path / "no" / "out", tasks)
    assert names(photos) == ["me.png", "text.jpg", "wall.png"]


def test_it_goes_on_after_a_failure_and_where_it_stopped(recipe, photos, tmp_path, here):
    out = tmp_path / "out"
    tasks = plan_batch(recipe, sorted(photos.iterdir()))
    run = BatchRun(tasks, out)
    assert len(run) == 3
    steps = list(run)
    assert [step.index for step in steps] == [1, 2, 3]
    assert states(steps) == {"me.png": "done", "text.jpg": "failed", "wall.png": "failed"}
    errors = {step.task.output: step.done.error for step in steps}
    assert "not an image" in errors["text.jpg"]
    assert "no face" in errors["wall.png"]
    assert names(out) == ["me.png", LOG_FILE]
    me, before = open_photo(out / "me.png"), open_photo(photos / "me.png")
    assert me.size == before.size
    assert (me.pixels != before.pixels).any()

    del here[:]
    again = states(BatchRun(tasks, out))
    assert again == {"me.png": "before", "text.jpg": "failed", "wall.png": "failed"}
    assert here == ["text.jpg", "wall.png"]  # a failure is tried again


@pytest.mark.parametrize("change", ["photo", "recipe", "result", "gone", "release", "face", "log"])
def test_what_has_changed_is_done_again(recipe, photos, tmp_path, pretended, change, monkeypatch):
    out = tmp_path / "out"
    assert states(BatchRun(plan_batch(recipe, [photos / "me.png"]), out)) == {"me.png": "done"}
    if change == "photo":
        Image.new("RGB", (50, 50)).save(photos / "me.png")
    elif change == "recipe":
        write_recipe(recipe, Recipe((EditRequest((parse_face_drag("chin->+5%,-4%"),)),)))
    elif change == "face":
        values = json.loads(recipe.read_text("utf-8"))
        recipe.write_text(json.dumps({**values, "face": 7}))
    elif change == "result":
        with (out / "me.png").open("ab") as file:
            file.write(b"x")
    elif change == "gone":
        (out / "me.png").unlink()
    elif change == "log":
        (out / LOG_FILE).unlink()
    else:
        monkeypatch.setattr(batch_run, "release", lambda: "99")
    del pretended[:]
    list(BatchRun(plan_batch(recipe, [photos / "me.png"]), out))
    assert pretended == ["me.png"]


def test_it_says_how_far_it_is(recipe, photos, tmp_path, pretended, caplog):
    caplog.set_level("INFO", "photodrag.batch")
    shutil.copyfile(photos / "me.png", photos / "you.png")
    run = BatchRun(plan_batch(recipe, [photos / "me.png", photos / "you.png"]), tmp_path / "out")
    for found in ([0.5, 1.0], [0.5, 1.0]):
        assert [run.fraction for _ in run] == found
    assert isinstance(run, Run)
    said = [record.getMessage().removeprefix(f"{photos}/") for record in caplog.records]
    assert said == ["me.png: done, 0.0 s", "you.png: done, 0.0 s"] + [
        f"{name}.png: done before" for name in ("me", "you")
    ]
    assert BatchRun((), tmp_path / "out").fraction == 1.0


def test_a_mask_is_part_of_the_recipe(recipe, tmp_path):
    mask = tmp_path / "mask.png"
    Image.fromarray(np.full((384, 384), 255, np.uint8)).save(mask)
    task = BatchTask(Path("me.png"), Recipe((replace(SMILE, mask=str(mask)),)), "me.png")
    before = task.recipe_digest
    assert task.recipe_digest == before
    Image.fromarray(np.full((384, 384), 254, np.uint8)).save(mask)
    assert task.recipe_digest != before


def test_results_are_marked_unless_they_shall_not_be(recipe, photos, tmp_path):
    (task,) = plan_batch(recipe, [photos / "me.png"])
    plain = replace(task, mark=False)
    assert task.recipe_digest != plain.recipe_digest  # so that it is done again
    for one, marked in ((task, True), (plain, False)):
        assert Worker(BatchSettings("cpu")).edit(one, tmp_path).error is None
        with Image.open(tmp_path / "me.png") as image:
            image.load()
            assert ("stEvt:action" in str(image.info)) is marked


def test_other_names_of_jpeg_are_kept(recipe):
    tasks = plan_batch(recipe, ["a.jfif", "b.JPE", "c.gif"])
    assert [task.output for task in tasks] == ["a.jfif", "b.JPE", "c.gif.png"]


def test_stopped_in_the_middle_nothing_is_done_twice(recipe, photos, tmp_path, pretended):
    shutil.copyfile(photos / "me.png", photos / "you.png")
    tasks = plan_batch(recipe, [photos / "me.png", photos / "you.png"])
    for step in BatchRun(tasks, tmp_path / "out"):
        assert step.state == "done"
        break
    del pretended[:]
    assert states(BatchRun(tasks, tmp_path / "out")) == {"me.png": "before", "you.png": "done"}
    assert pretended == ["you.png"]


@pytest.mark.parametrize("content", ["", "[]", '{"photodrag_batch": 0}', '{"photodrag_batch": 1}'])
def test_a_damaged_log_is_told_and_kept(tmp_path, content, recipe):
    (tmp_path / LOG_FILE).write_text(content)
    with pytest.raises(BatchError, match=LOG_FILE):
        BatchRun(plan_batch(recipe, ["me.png"]), tmp_path)
    assert (tmp_path / LOG_FILE).read_text() == content


def test_the_log_gives_its_entries_back(tmp_path):
    log = BatchLog(tmp_path)
    done = Done("ä.png", "ab", "cd", "ef", None, True, 1.5, ("odd",), "0.1")
    log.note("ä.png", done)
    log.note("b.png", Done("b.png", "ab", error="why"))
    assert BatchLog(tmp_path).entries == log.entries
    assert BatchLog(tmp_path).entries["ä.png"] == done


@pytest.mark.slow
def test_a_process_that_is_killed_is_one_failure(recipe, photos, tmp_path, monkeypatch):
    """Two real processes; one photo's is killed as soon as it has its photo."""
    shutil.copyfile(photos / "me.png", photos / "you.png")
    tasks = plan_batch(recipe, [photos / name for name in ("you.png", "me.png", "wall.png")])
    begin = batch_processes._begin
    begun = []

    def beginning(*args):
        worker = begin(*args)
        begun.append(worker.process)
        if len(begun) == 1:
            os.kill(worker.process.pid, 9)
        return worker

    monkeypatch.setattr(batch_processes, "_begin", beginning)
    steps = list(BatchRun(tasks, tmp_path / "out", BatchSettings(jobs=2)))
    assert states(steps) == {"you.png": "failed", "me.png": "done", "wall.png": "failed"}
    (killed,) = (step for step in steps if step.task.photo.name == "you.png")
    assert "ended unexpectedly (exit code -9)" in killed.done.error
    assert not any(process.is_alive() for process in begun)
