"""One wheel of the Python package index, fetched by pip, so that mirrors and proxies just work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path

from photodrag.errors import ChecksumError, DownloadError
from photodrag.leftovers import owned

from .download import DownloadStep, check_sha256, file_sha256

_POLL_SECONDS = 0.2


class PackageDownloadRun:
    """A download of "package==version" without its requirements; nothing of it is installed.

    Iterate over it to fetch the wheel to `path`; leaving the loop stops pip.
    """

    def __init__(self, requirement: str, path: str | Path, sha256: str | None = None) -> None:
        self.requirement = requirement
        self.path = Path(path)
        self.expected_sha256 = check_sha256(sha256)
        self.sha256: str | None = None
        """The finished file's, once the run is over."""

    def __iter__(self) -> Iterator[DownloadStep]:
        """Run pip, yielding the bytes that have arrived a few times a second."""
        try:
            folder = tempfile.TemporaryDirectory(prefix=owned(".pip-"), dir=self.path.parent)
        except OSError as error:
            raise DownloadError(
                f"{self.path} cannot be written: {error.strerror or error}; check the folder"
            ) from error
        with folder as name:
            wheels, work = Path(name) / "wheels", Path(name) / "work"
            wheels.mkdir()
            work.mkdir()
            yield from self._run_pip(wheels, work)
            wheel = self._checked_wheel(wheels)
            shutil.move(wheel, self.path)

    def _run_pip(self, wheels: Path, work: Path) -> Iterator[DownloadStep]:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
        command += ["--no-input", "--disable-pip-version-check", "--progress-bar=off"]
        command += ["--dest", str(wheels), self.requirement]
        # pip's half-finished files lie in its temporary folder: there they show how far it is
        environment = os.environ | {name: str(work) for name in ("TMPDIR", "TEMP", "TMP")}
        if not has_pip():
            environment |= _paths_with(self._carried_pip())
        with (work.parent / "output.txt").open("w+b") as output:
            process = subprocess.Popen(  # noqa: S603  our own interpreter, fixed arguments
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
            )
            try:
                while process.poll() is None:
                    yield DownloadStep("download", _largest_file(work.parent), None)
                    try:
                        process.wait(_POLL_SECONDS)
                    except subprocess.TimeoutExpired:
                        continue
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
            output.seek(0)
            if process.returncode:
                raise self._pip_error(output.read().decode("utf-8", "replace"))

    def _carried_pip(self) -> Path:
        """The wheel of pip that Python brings along, for an environment without pip (as uv's)."""
        wheel = carried_pip()
        if wheel is None:
            raise DownloadError(
                f"{self.requirement} is fetched with pip, which {sys.executable} has not, nor a "
                "wheel of it; install pip there, or fetch the wheel elsewhere and give it to "
                "`photodrag checkpoints fetch NAME --from FILE`"
            )
        return wheel

    def _pip_error(self, output: str) -> DownloadError:
        """One line out of pip's many: its first error, and what to do about it."""
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
        unreachable = any("Retrying (" in line for line in lines)
        reason = errors[-1] if errors else (lines[-1] if lines else "pip said nothing")
        advice = (
            "the package index cannot be reached; check the network and pip's index and proxy "
            "settings"
            if unreachable
            else f"try `python -m pip download --no-deps {self.requirement}` to see more"
        )
        return DownloadError(f"{self.requirement} could not be downloaded: {reason:.200}; {advice}")

    def _checked_wheel(self, folder: Path) -> Path:
        found = sorted(folder.glob("*.whl"))
        if len(found) != 1:
            raise DownloadError(f"pip fetched {len(found)} wheels for {self.requirement}, not one")
        self.sha256 = file_sha256(found[0])
        if self.expected_sha256 not in (None, self.sha256):
            raise ChecksumError(
                f"{found[0].name} has the sha256 {self.sha256}, not {self.expected_sha256}; it was "
                "deleted. Check the package index that pip is set to use"
            )
        return found[0]


def has_pip() -> bool:
    """Whether this environment has a pip of its own, asked past setuptools' finder, which warns."""
    return PathFinder.find_spec("pip") is not None


def carried_pip() -> Path | None:
    """The wheel of pip that lies beside `ensurepip`, or where a distribution of Python keeps it."""
    ensurepip = find_spec("ensurepip")
    places = () if ensurepip is None else ensurepip.submodule_search_locations or ()
    folders = [Path(place) / "_bundled" for place in places]
    if system := sysconfig.get_config_var("WHEEL_PKG_DIR"):
        folders.append(Path(system))
    wheels = [wheel for folder in folders for wheel in sorted(folder.glob("pip-*.whl"))]
    return wheels[0] if wheels else None


def _paths_with(wheel: Path) -> dict[str, str]:
    """PYTHONPATH with a wheel before all else: Python imports from a wheel as it is."""
    before = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": os.pathsep.join([str(wheel), *([before] if before else [])])}


def _largest_file(folder: Path) -> int:
    """Bytes of the largest file below a folder that pip is still writing to.

    That is the wheel, half finished or whole; when it is whole, pip makes a copy of it.
    """
    largest = 0
    for path in folder.rglob("*"):
        try:
            largest = max(largest, path.stat().st_size if path.is_file() else 0)
        except OSError:  # gone since it was listed
            continue
    return largest
