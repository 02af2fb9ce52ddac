import base64
import hashlib
import os
import subprocess
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from photodrag.checkpoints.download import package_download
from photodrag.checkpoints.download.package_download import PackageDownloadRun, carried_pip
from photodrag.errors import ChecksumError, DownloadError


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A tiny wheel in a folder that pip is told to look in, and nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    path = folder / "tiny_face-1.0-py3-none-any.whl"
    files = {
        "tiny_face/__init__.py": "raise SystemExit('never imported')\n",
        "tiny_face-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny-face\nVersion: 1.0\n"
        "Requires-Dist: something-that-is-nowhere\n",
        "tiny_face-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\n"
        "Root-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},sha256={_digest(text)},{len(text)}\n" for name, text in files.items())
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(
            "tiny_face-1.0.dist-info/RECORD", record + "tiny_face-1.0.dist-info/RECORD,,\n"
        )
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return path


def _digest(text):
    raw = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "cache"
    folder.mkdir()
    return folder / "tiny.whl"


def test_wheel_arrives_without_its_requirements(wheel, target):
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    run = PackageDownloadRun("tiny-face==1.0", target, sha256)
    steps = list(run)
    assert steps
    assert steps[0].stage == "download"
    assert run.sha256 == sha256
    assert target.read_bytes() == wheel.read_bytes()
    assert [path.name for path in target.parent.iterdir()] == ["tiny.whl"]


def test_wrong_checksum_leaves_nothing(wheel, target):
    with pytest.raises(ChecksumError, match=r"tiny_face-1\.0"):
        list(PackageDownloadRun("tiny-face==1.0", target, "0" * 64))
    assert not list(target.parent.iterdir())


def test_unknown_package_is_one_line(wheel, target):
    with pytest.raises(DownloadError, match="No matching distribution found") as caught:
        list(PackageDownloadRun("tiny-face==2.0", target))
    assert "\n" not in str(caught.value)
    assert not list(target.parent.iterdir())


def test_left_loop_stops_pip(wheel, target, monkeypatch):
    started = []
    real = subprocess.Popen

    def start(command, **settings):
        sleeper = [command[0], "-c", "import time; time.sleep(60)"]
        started.append(real(sleeper, **settings))
        return started[-1]

    monkeypatch.setattr(package_download.subprocess, "Popen", start)
    for _ in PackageDownloadRun("tiny-face==1.0", target):
        break
    assert started[0].poll() is not None
    assert not list(target.parent.iterdir())


@pytest.mark.parametrize(
    ("output", "match"),
    [
        ("WARNING: Retrying (Retry(total=4)) after ...\nERROR: No matching x\n", "network"),
        ("something odd\n", "something odd"),
        ("", "pip said nothing"),
    ],
)
def test_what_pip_said_becomes_one_line(tmp_path, output, match):
    error = PackageDownloadRun("a==1", tmp_path / "a.whl")._pip_error(output)
    assert match in str(error)
    assert "\n" not in str(error)


def test_missing_folder_is_reported(tmp_path):
    with pytest.raises(DownloadError, match="cannot be written"):
        list(PackageDownloadRun("a==1", tmp_path / "none" / "a.whl"))


@pytest.fixture
def without_pip(monkeypatch):
    """An environment that has no pip of its own, as uv makes them."""
    monkeypatch.setattr(package_download, "has_pip", lambda: False)


@pytest.mark.skipif(carried_pip() is None, reason="this Python carries no wheel of pip")
def test_an_environment_without_pip_takes_the_wheel_that_python_carries(
    wheel, target, without_pip, monkeypatch
):
    paths = []
    real = subprocess.Popen

    def start(command, *, env, **settings):
        paths.append(env["PYTHONPATH"].split(os.pathsep))
        # without site-packages there is no other pip to be found
        return real([command[0], "-S", *command[1:]], env=env, **settings)

    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setattr(package_download.subprocess, "Popen", start)
    list(PackageDownloadRun("tiny-face==1.0", target))
    assert paths == [[str(carried_pip()), "/elsewhere"]]
    assert target.read_bytes() == wheel.read_bytes()


def test_a_python_without_any_pip_says_what_to_do(target, without_pip, monkeypatch):
    monkeypatch.setattr(package_download, "carried_pip", lambda: None)
    with pytest.raises(DownloadError, match="--from FILE") as caught:
        list(PackageDownloadRun("tiny-face==1.0", target))
    assert "\n" not in str(caught.value)
    assert not list(target.parent.iterdir())


def test_a_distributions_own_wheel_of_pip_is_found(tmp_path, monkeypatch):
    (tmp_path / "pip-30.0-py3-none-any.whl").touch()
    (tmp_path / "wheel-1.0-py3-none-any.whl").touch()
    monkeypatch.setattr(package_download, "find_spec", lambda name: None)
    monkeypatch.setattr(package_download.sysconfig, "get_config_var", lambda name: str(tmp_path))
    assert carried_pip() == tmp_path / "pip-30.0-py3-none-any.whl"


def test_bytes_are_counted_once(wheel, target, monkeypatch):
    """Of pip's half-finished file and its copy, and of what pip says."""

    def start(command, **settings):
        wheels = Path(command[command.index("--dest") + 1])
        for place in (wheels, wheels.parent / "work"):
            (place / "tiny_face-1.0-py3-none-any.whl").write_bytes(wheel.read_bytes())
        return SimpleNamespace(returncode=0, poll=iter([None, 0, 0]).__next__, wait=lambda _: None)

    monkeypatch.setattr(package_download.subprocess, "Popen", start)
    steps = list(PackageDownloadRun("tiny-face==1.0", target))
    assert [step.received for step in steps] == [wheel.stat().st_size]
