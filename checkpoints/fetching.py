"""A checkpoint of the catalogue, from its source to a converted file in the cache."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from photodrag.errors import CheckpointError, ChecksumError, OutputError, UnknownCheckpointError
from photodrag.files import write_whole
from photodrag.logs import room_logger

from .cache import CACHE_VARIABLE, checkpoint_folder, make_folder
from .catalogue import CATALOGUE, CheckpointSpec, find_spec
from .convert.conversion import convert_checkpoint
from .download.download import DownloadRun, DownloadStep, check_sha256, file_sha256
from .download.package_download import PackageDownloadRun
from .store import read_notes

_POLL_SECONDS = 0.5
_LOG = room_logger("checkpoints")
_SUFFIXES = {"package": ".whl", "pickle": ".pkl"}


class FetchRun:
    """A checkpoint on its way into the cache: iterate over it, or call `finish`.

    Yields nothing if the checkpoint is there already. Afterwards it is at `path`. Where the
    catalogue knows no sha256, the first download's is noted and later ones must have it too.

    With a `file`, the wheel or pickle that was fetched by other means, nothing is downloaded: it is
    checked in the same way and stays where it is.
    """

    def __init__(
        self,
        name: str,
        sha256: str | None = None,
        force: bool = False,
        file: str | Path | None = None,
    ) -> None:
        self.spec = find_spec(name)
        self.path = cached_path(self.spec)
        self.force = force
        self._file = None if file is None else _check_file(Path(file), self.spec)
        self._asked_sha256 = check_sha256(sha256)
        _check_agree(self.spec.name, "asked for", self._asked_sha256, self.spec.sha256)
        if self.path.is_file() and not force and self._asked_sha256:
            noted = read_notes(self.path).get("sha256")
            _check_agree(self.spec.name, "asked for", self._asked_sha256, noted)

    def __iter__(self) -> Iterator[DownloadStep]:
        """Download and convert_checkpoint, yielding the progress."""
        if self.path.is_file() and not self.force:
            return
        folder = make_folder(self.path.parent)
        lock = FileLock(folder / f"{self.spec.name}.lock", thread_local=False)
        # A lock between processes, and kept while a step is looked at: without it a second one
        # would write to the same half file. Leaving the loop ends the generator and releases it;
        # waiting for it yields as well, so that a waiting loop can always be left.
        while True:
            try:
                lock.acquire(timeout=_POLL_SECONDS)
                break
            except Timeout:
                yield DownloadStep("wait", 0, None)
            except OSError as error:
                raise OutputError(
                    f"the cache folder {folder} cannot be written to: {error.strerror or error}; "
                    f"set {CACHE_VARIABLE} to another folder"
                ) from error
        try:
            if self.force or not self.path.is_file():  # another process may have just made it
                yield from self._download_and_convert(folder)
        finally:
            lock.release()

    def finish(self) -> Path:
        """Fetch without looking at the progress; the checkpoint's path."""
        for _ in self:
            pass
        return self.path

    def _download_and_convert(self, folder: Path) -> Iterator[DownloadStep]:
        expected = self._asked_sha256 or self.spec.sha256 or self._noted_sha256()
        if self._file is not None:
            yield from self._convert(self._file, _checked_sha256(self._file, expected))
            return
        run: DownloadRun | PackageDownloadRun
        source = folder / f"{self.spec.name}{_SUFFIXES[self.spec.source_kind]}"
        if self.spec.source_kind == "package":
            run = PackageDownloadRun(self.spec.source, source, expected)
        else:
            run = DownloadRun(self.spec.source, source, expected)
        _LOG.info("fetching %s from %s", self.spec.name, self.spec.source)
        try:
            yield from run
            assert run.sha256 is not None
            yield from self._convert(source, run.sha256)
        finally:
            source.unlink(missing_ok=True)

    def _convert(self, source: Path, sha256: str) -> Iterator[DownloadStep]:
        size = source.stat().st_size
        yield DownloadStep("convert", size, size)
        convert_checkpoint(
            source,
            self.path,
            {
                "name": self.spec.name,
                "source": self.spec.source,
                "sha256": sha256,
                "licence": f"{self.spec.licence}: {self.spec.licence_note}",
            },
        )
        _LOG.info(
            "fetched %s, %.1f MB, and converted it to %s", self.spec.name, size / 1e6, self.path
        )
        if self.spec.sha256 is None:
            write_whole(self._sha256_file(), f"{sha256}\n".encode())

    def _sha256_file(self) -> Path:
        return self.path.with_suffix(".sha256")

    def _noted_sha256(self) -> str | None:
        """The first download's checksum, if there was one."""
        path = self._sha256_file()
        return check_sha256(path.read_text("ascii").strip()) if path.is_file() else None


def fetch(
    name: str, sha256: str | None = None, force: bool = False, file: str | Path | None = None
) -> FetchRun:
    """Fetch a checkpoint of the catalogue into the cache: an iterable run, then at its `path`.

    `sha256` of the file at the source is demanded if given; `force` fetches it once more. `file`
    is the wheel or pickle at the source, where it was fetched by other means. CheckpointError for
    a file that cannot be it.
    """
    return FetchRun(name, sha256, force, file)


def cached_path(spec: CheckpointSpec) -> Path:
    """Where a catalogue's checkpoint lies, or will lie, in the cache."""
    return checkpoint_folder() / f"{spec.name}.safetensors"


def locate(name_or_path: str | Path) -> Path | None:
    """The file of a checkpoint given by path or name; none if the name still has to be fetched.

    What has a folder or a suffix, or is a `Path`, is a path; anything else a catalogue's name.
    """
    path = Path(name_or_path).expanduser()
    is_name = isinstance(name_or_path, str) and path.name == name_or_path and not path.suffix
    if is_name and (name_or_path in CATALOGUE or not path.is_file()):
        cached = cached_path(find_spec(str(name_or_path)))
        return cached if cached.is_file() else None
    if not path.is_file():
        raise UnknownCheckpointError(
            f"there is no checkpoint file {path}; give a .safetensors or .pkl file, or one of "
            f"{', '.join(CATALOGUE)}"
        )
    return path


def _check_file(file: Path, spec: CheckpointSpec) -> Path:
    """Refuse, before anything is done, a file that cannot be a checkpoint's source."""
    suffix = _SUFFIXES[spec.source_kind]
    if not file.is_file():
        raise CheckpointError(f"{file}: there is no such file; give the {suffix} of {spec.name}")
    if file.suffix != suffix:
        raise CheckpointError(
            f"{file}: {spec.name} is made of a {suffix} file, {spec.source}; give that"
        )
    return file


def _checked_sha256(file: Path, expected: str | None) -> str:
    found = file_sha256(file)
    if expected not in (None, found):
        raise ChecksumError(
            f"{file} has the sha256 {found}, not {expected}; it is another file, or was damaged"
        )
    return found


def _check_agree(name: str, whose: str, sha256: str | None, known: str | None) -> None:
    if sha256 and known and sha256 != known:
        raise ChecksumError(f"{name} has the sha256 {known}, but {sha256} was {whose}")
