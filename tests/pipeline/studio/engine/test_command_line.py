"""The command line that does the same."""

import shlex
from dataclasses import replace
from types import SimpleNamespace

import pytest

from photodrag.alignment import Face
from photodrag.drag import DragPoint
from photodrag.errors import StudioError
from photodrag.pipeline import ChangeOptions, EditRequest, parse_face_drag
from photodrag.pipeline.option_settings import edit_settings, with_inversion
from photodrag.pipeline.session.session import PhotoReference, SessionEdit, SessionState
from photodrag.pipeline.settings import DEFAULTS
from photodrag.pipeline.studio.engine.command_line import command_line


@pytest.fixture
def face(face_marks):
    return Face(1, (0, 0, 500, 500), face_marks, 1.0)


@pytest.fixture
def edit(face):
    corner = tuple(face.landmarks[48])
    points = (DragPoint(corner, (200.25, 340.0)), DragPoint((300.5, 1 / 3), (310.0, 1e-7)))
    drags = (parse_face_drag("mouth_left->-4%,-4%"), parse_face_drag("27+1%,-2%->+1%,+1%"))
    request = EditRequest(drags, (("smile", 0.6), ("yaw", 8.0)), mask="mouth+eyes")
    return SessionEdit(request, points, points, True, points, "edit-0000000000000000.safetensors")


@pytest.fixture
def told(face):
    def tell(edits, settings=DEFAULTS, device="auto", photo="my photo.jpg", number=1):
        session = SessionState(
            PhotoReference("x", "0", (500, 500)), replace(face, index=number), settings, "f", "i"
        )
        for one in edits:
            session = session.with_edit(one)
        folder = SimpleNamespace(read=lambda name: name.encode())
        work = SimpleNamespace(session=session, folder=folder, shown=lambda count: face)
        return command_line(work, photo, "out.png", device)

    return tell


def test_one_edit_is_one_command(told, edit):
    command = told([edit])
    assert shlex.split(command.text) == [
        *("photodrag", "edit", "my photo.jpg", "-o", "out.png"),
        *("--drag", "mouth_left->200.25,340"),
        *("--drag", "300.5,0.3333333333333333->310,0.0000001"),
        *("--adjust", "smile=0.6", "--adjust", "yaw=8", "--mask", "mouth+eyes"),
    ]
    assert command.files == ()


def test_several_edits_are_a_session(told, edit):
    painted = replace(edit, request=replace(edit.request, mask="mask-00.png"), mask="mask-00.png")
    command = told([edit, painted], device="cpu", number=2)
    first, second, third = (shlex.split(line) for line in command.text.splitlines())
    assert first == [
        *("photodrag", "session", "new", "my photo.jpg", "-o", "out.session"),
        *("--face", "2", "--device", "cpu"),
    ]
    assert second[:4] == third[:4] == ["photodrag", "session", "edit", "out.session"]
    assert "-o" not in second
    assert third[-4:] == ["--device", "cpu", "-o", "out.png"]
    assert command.files == (("mask-00.png", b"mask-00.png"),)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (ChangeOptions(preset="official"), "--preset official"),
        (ChangeOptions(no_guide=True), "--set guide.steps=0"),
        (
            ChangeOptions(method="free", drag_steps=7),
            "--set guide.steps=0 --set drag.method=free --set drag.max_steps=7",
        ),
        (
            ChangeOptions(tracking="dis", composite="poisson"),
            "--composite poisson --set guide.steps=0 --set drag.tracking=dis",
        ),
        (
            ChangeOptions(preset="official", drag_steps=30),
            "--preset official --set drag.max_steps=30",
        ),
    ],
)
def test_options_say_the_edits_settings_again(told, edit, options, words):
    request = replace(edit.request, settings=options.settings(DEFAULTS))
    said = told([replace(edit, request=request)]).text
    found = shlex.split(said.partition("--mask mouth+eyes ")[2])
    assert sorted(_pairs(found)) == sorted(_pairs(words.split()))


def _pairs(words):
    return list(zip(words[::2], words[1::2], strict=True))


def test_every_setting_can_be_told(told, edit):
    """Numbers, flags, and what photodrag is to choose itself."""
    drag = replace(DEFAULTS.drag, compiled=True, precision="bfloat16")
    composite = replace(DEFAULTS.composite, feather=0.1)
    tune = replace(DEFAULTS.tune, background=0.5)
    request = replace(edit.request, settings=replace(DEFAULTS, drag=drag, composite=composite))
    text = told([replace(edit, request=request)], replace(DEFAULTS, tune=tune)).text
    assert text.endswith(
        "--set drag.precision=bfloat16 --set drag.compiled=true --set composite.feather=0.1 "
        "--set tune.background=0.5"
    )


def test_options_say_the_faces_settings_again(told, edit):
    settings = edit_settings(
        checkpoint="my.safetensors",
        inversion="quick",
        space="w+",
        pivot_steps=None,
        tune_steps=9,
        seed=0,
    )
    words = told([edit], settings).text
    expected = (
        "--checkpoint my.safetensors --inversion quick --set project.space=w+ --set tune.steps=9"
    )
    assert words.endswith(expected)


@pytest.mark.parametrize("name", ["auto", "quick", "default", "thorough"])
def test_an_inversion_is_told_by_its_name(told, edit, name):
    settings = with_inversion(DEFAULTS, name)
    said = "" if name == "auto" else f"--inversion {name}"
    assert told([edit], settings).text.partition("--mask mouth+eyes")[2].strip() == said


def test_a_photo_named_like_an_option_is_a_file(told, edit):
    assert shlex.split(told([edit], photo="-x.jpg").text)[2] == "./-x.jpg"


def test_without_an_edit_there_is_no_command(told):
    with pytest.raises(StudioError):
        told([])
