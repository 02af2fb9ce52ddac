import base64
import hashlib
import subprocess
import zipfile

import pytest

from photodrag.checkpoints.download import package_download
from photodrag.checkpoints.download.package_download import PackageDownloadRun
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
        ("/usr/bin/python: No module named pip\n", "ensurepip"),
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
