"""Each kind of bad input: one clear line, exit code 1, nothing left behind."""

import os
import pickle
import struct
import subprocess
import sys
import zlib

import pytest
from click.testing import CliRunner
from PIL import Image

from photodrag.pipeline.cli import main

SMILE = ["--drag", "mouth_left->-5%,-4%"]
QUICK = ["--pivot-steps", "1", "--tune-steps", "0", "--drag-steps", "1"]


def refuse(args, expected, folder):
    """Run, and check the line, the exit code, and that the folder is as before."""
    before = sorted(path for path in folder.rglob("*") if path.suffix != ".lock")
    result = CliRunner().invoke(main, [str(arg) for arg in args])
    lines = [line for line in result.output.splitlines() if line != "looking at the photo"]
    assert len(lines) == 1, result.output
    assert lines[0].startswith("photodrag: ")
    assert expected in lines[0]
    assert result.exit_code == 1
    assert sorted(path for path in folder.rglob("*") if path.suffix != ".lock") == before


@pytest.fixture
def edit(small_portrait, tiny_checkpoint, tmp_path):
    """`refuse` for `photodrag edit`, with any of its inputs replaced."""

    def run(
        expected, *options, photo=small_portrait, out="out.png", points=SMILE, net=tiny_checkpoint
    ):
        args = ["edit", photo, "-o", tmp_path / out, "--checkpoint", net]
        refuse([*args, *points, *QUICK, *options], expected, tmp_path)

    return run


def test_program_ends_with_that_line_only(tmp_path):
    """A process of its own: whatever it loads meanwhile must not speak up when it ends."""
    photo = tmp_path / "photo.jpg"
    photo.write_text("not an image")
    code = "import sys; from photodrag.pipeline.cli import main; main(sys.argv[1:])"
    args = ["edit", str(photo), "-o", str(tmp_path / "out.png"), *SMILE]
    ended = subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.startswith("photodrag: ")
    assert "not an image" in line


def test_missing_photo(edit, tmp_path):
    edit("no such file", photo=tmp_path / "none.jpg")


def test_folder_for_a_photo(edit, tmp_path):
    edit("folder", photo=tmp_path)


def test_file_that_is_no_image(edit, tmp_path):
    (tmp_path / "text.jpg").write_text("a photo of me")
    edit("not an image", photo=tmp_path / "text.jpg")


def test_truncated_photo(edit, portrait_path, tmp_path):
    (tmp_path / "cut.jpg").write_bytes(portrait_path.read_bytes()[:100_000])
    edit("cut short", photo=tmp_path / "cut.jpg")


def test_decompression_bomb(edit, tmp_path):
    """A few bytes that claim to be 10 gigapixels."""

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))
    (tmp_path / "bomb.png").write_bytes(data + chunk(b"IEND", b""))
    edit("make it smaller", photo=tmp_path / "bomb.png")


def test_photo_without_a_face(edit, tmp_path):
    Image.new("RGB", (300, 200), "grey").save(tmp_path / "wall.png")
    edit("no face", photo=tmp_path / "wall.png")


@pytest.mark.parametrize("number", ["2", "0", "-1"])
def test_face_number_out_of_range(edit, number):
    edit(number, "--face", number)


@pytest.mark.parametrize("drag", ["384,10->300,20", "10,10->10,500", "mouth_left->+900%,+0%"])
def test_point_off_the_photo(edit, drag):
    edit("off the photo of 384x384", points=["--drag", drag])


def test_point_off_the_face(edit):
    edit("face's square", points=["--drag", "2,380->20,380"])


def test_handle_equal_to_target(edit):
    edit("handle and target are both", points=["--drag", "200,200->200,200"])


def test_handle_given_twice(edit):
    edit("given twice", "--drag", "mouth_left->+0%,+5%")


def test_no_point(edit):
    edit("nothing to do", points=[])


@pytest.mark.parametrize("drag", ["mouth_left", "smile->+5%,+5%", "1,2->three"])
def test_unreadable_drag(edit, drag):
    edit("mouth_left->-5%,-4%" if "smile" not in drag else "no landmark", points=["--drag", drag])


def test_unreadable_points_file(edit, tmp_path):
    (tmp_path / "points.json").write_text("{")
    edit("not a JSON file", "--points", tmp_path / "points.json")
    edit("cannot be read", "--points", tmp_path / "none.json")


def test_mask_of_another_size(edit, tmp_path):
    Image.new("L", (100, 50), 255).save(tmp_path / "mask.png")
    edit("100x50 pixels and the photo 384x384", "--mask", tmp_path / "mask.png")


def test_black_mask(edit, tmp_path):
    Image.new("L", (384, 384)).save(tmp_path / "mask.png")
    edit("all black", "--mask", tmp_path / "mask.png")


@pytest.mark.parametrize("option", [(), ("--report",), ("--movie",), ("--compare",)])
def test_output_folder_that_does_not_exist(edit, tmp_path, option):
    name = {"--report": "r.json", "--movie": "m.gif"}.get("".join(option), "c.png")
    if option:
        edit("does not exist", *option, tmp_path / "none" / name)
    else:
        edit("does not exist", out="none/out.png")


@pytest.mark.parametrize(
    ("out", "options"),
    [
        ("out.gif", ()),
        ("out", ()),
        ("out.png", ("--report", "r.txt")),
        ("out.png", ("--movie", "m.avi")),
        ("out.png", ("--compare", "c.gif")),
    ],
)
def test_unknown_extension(edit, out, options):
    edit("extension", *options, out=out)


def test_output_that_is_a_folder(edit, tmp_path):
    (tmp_path / "out.png").mkdir()
    edit("this is a folder", out="out.png")


def test_two_outputs_of_one_name(edit, tmp_path):
    edit("two outputs", "--compare", tmp_path / "out.png")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_output_folder_that_cannot_be_written(edit, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o555)
    edit("cannot be written", out="closed/out.png")


def test_input_is_not_overwritten(edit, small_portrait, tmp_path):
    copy = tmp_path / "me.png"
    copy.write_bytes(small_portrait.read_bytes())
    edit("--overwrite", photo=copy, out="me.png")
    (tmp_path / "link.png").symlink_to(copy)
    edit("--overwrite", photo=copy, out="link.png")
    Image.new("L", (384, 384), 255).save(tmp_path / "mask.png")
    edit("input", "--mask", tmp_path / "mask.png", "--overwrite", out="mask.png")


def test_transparent_photo_into_a_jpeg(edit, small_portrait, tmp_path):
    with Image.open(small_portrait) as image:
        image.putalpha(100)
        image.save(tmp_path / "alpha.png")
    edit("transparent", photo=tmp_path / "alpha.png", out="out.jpg")


def test_checkpoint_that_is_none(edit, tmp_path):
    (tmp_path / "net.safetensors").write_bytes(b"weights")
    edit("no checkpoint that can be used: not safetensors", net=tmp_path / "net.safetensors")
    edit("no checkpoint file", net=tmp_path / "none.safetensors")
    edit("no checkpoint named 'nobody'", net="nobody")


def test_pickle_that_tries_to_run_code(edit, tmp_path):
    class Evil:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path}/ran",)

    (tmp_path / "net.pkl").write_bytes(pickle.dumps({"G_ema": Evil()}))
    edit("system", net=tmp_path / "net.pkl")


def test_no_network_for_the_first_fetch(edit, no_network, tmp_path):
    no_network.mkdir()
    (no_network / "checkpoints").mkdir()
    result = CliRunner().invoke(main, ["checkpoints", "fetch", "ffhq-mobile"])
    assert result.exit_code == 1
    assert result.output.count("photodrag: ") == 1
    assert "could not be downloaded" in result.output
    left = [path.name for path in no_network.rglob("*") if path.is_file()]
    assert [name for name in left if not name.endswith(".lock")] == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--tune-steps", "-1"), "steps is -1"),
        (("--pivot-steps", "0"), "steps is 0"),
        (("--drag-steps", "0"), "max_steps is 0"),
        (("--seed", "-1"), "seed is -1"),
        (("--device", "abacus"), "abacus"),
    ],
)
def test_settings_out_of_range(edit, options, expected):
    edit(expected, *options)


def test_other_commands_refuse_too(small_portrait, tiny_checkpoint, tmp_path):
    Image.new("RGB", (300, 200), "grey").save(tmp_path / "wall.png")
    (tmp_path / "text.safetensors").write_text("text")
    wall, out = tmp_path / "wall.png", tmp_path / "out.png"
    for args, expected in [
        (["align", wall, "-o", out], "no face"),
        (["align", small_portrait, "-o", out, "--size", "5"], "size is 5"),
        (["landmarks", wall, "-o", out], "no face"),
        (["landmarks", wall, "--json"], "no face"),
        (["invert", wall, "-o", out], "extension"),
        (["invert", wall, "-o", tmp_path / "o.safetensors", "--checkpoint", "no"], "no checkpoint"),
        (["drag", tmp_path / "text.safetensors", "-o", out, *SMILE], "inversion"),
        (["drag", tmp_path / "none.safetensors", "-o", out, *SMILE], "inversion"),
        (["drag", tiny_checkpoint, "-o", out, *SMILE], "inversion"),
        (["generate", "-o", tmp_path / "out.gif"], "extension"),
        (["generate", "-o", out, "--checkpoint", tiny_checkpoint, "--class", "1"], "no classes"),
        (["checkpoints", "fetch", "ffqh"], "did you mean 'ffhq'"),
        (["checkpoints", "info", "ffqh"], "did you mean 'ffhq'"),
        (["checkpoints", "info", wall], "wall.png"),
        (["checkpoints", "convert", wall, tmp_path / "o.safetensors"], "wall.png"),
        (["checkpoints", "convert", wall, out], "extension"),
    ]:
        refuse(args, expected, tmp_path)
