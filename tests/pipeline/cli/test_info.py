"""`photodrag info`, for bug reports."""

import builtins
import json
import subprocess
import sys
from importlib.metadata import version

import pytest
from click.testing import CliRunner

from photodrag.pipeline.cli import main


@pytest.fixture
def info(tmp_path):
    def run(*options, **env):
        done = CliRunner().invoke(main, ["info", *options], env=env, catch_exceptions=False)
        assert done.exit_code == 0
        return done.stdout

    return run


def test_versions_devices_and_cache_are_told(info, tmp_path):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "x.bin").write_bytes(bytes(1500))
    (tmp_path / "y.bin").write_bytes(bytes(500))
    values = json.loads(info("--json", PHOTODRAG_CACHE=str(tmp_path)))
    assert values["versions"]["torch"] == version("torch")
    assert values["versions"]["Python"] == sys.version.split()[0]
    assert values["devices"][-1] == "cpu"
    assert values["threads"] >= 1
    assert values["problem"] is None
    assert values["cache"] == {
        "folder": str(tmp_path),
        "bytes": 2000,
        "chosen_by": "PHOTODRAG_CACHE",
    }
    assert values["default_checkpoint"] == {"name": "ffhq-mobile", "fetched": False}
    (tmp_path / "checkpoints" / "ffhq-mobile.safetensors").touch()
    assert json.loads(info("--json", PHOTODRAG_CACHE=str(tmp_path)))["default_checkpoint"][
        "fetched"
    ]


def test_people_read_lines(info, tmp_path):
    lines = info(PHOTODRAG_CACHE=str(tmp_path / "none")).splitlines()
    assert f"torch      {version('torch')}" in lines
    assert f"cache      {tmp_path / 'none'}, by PHOTODRAG_CACHE, 0.0 MB" in lines
    assert "generator  ffhq-mobile, not fetched yet" in lines
    assert not (tmp_path / "none").exists()


def test_it_helps_where_pytorch_cannot_be_loaded(info, monkeypatch):
    real = builtins.__import__

    def broken(name, *rest):
        if name == "torch":
            raise ImportError("libcudart.so.13: cannot open\nshared object file")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", broken)
    values = json.loads(info("--json"))
    assert values["devices"] == []
    assert values["problem"] == (
        "PyTorch cannot be loaded: libcudart.so.13: cannot open shared object file"
    )
    assert "libcudart" in info()


def test_nothing_else_heavy_is_loaded():
    code = (
        "import sys\n"
        "from photodrag.pipeline.cli import main\n"
        "try: main(['info'])\n"
        "except SystemExit: pass\n"
        "print([n for n in ('cv2', 'dlib', 'PIL', 'nicegui', 'av') if n in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"
