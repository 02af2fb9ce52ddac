"""A checkpoint of the catalogue, from its source to a converted file in the cache."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from photodrag.errors import ChecksumError, OutputError, UnknownCheckpointError
from photodrag.files import write_whole

from .cache import CACHE_VARIABLE, checkpoint_folder, make_folder
from .catalogue import CATALOGUE, CheckpointSpec, find_spec
from .download.download import DownloadRun, DownloadStep, check_sha256
from .download.package_download import PackageDownloadRun
from .store import read_notes

_POLL_SECONDS = 0.5


class FetchRun:
    """A checkpoint on its way into the cache: iterate over it, or call `finish`.

    Yields nothing if the checkpoint is there already. Afterwards it is at `path`. Where the
    catalogue knows no sha256, the first download's is noted and later ones must have it too.
    """

    def __init__(self, name: str, sha256: str | None = None, force: bool = False) -> None:
        self.spec = find_spec(name)
        self.path = cached_path(self.spec)
        self.force = force
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
        run: DownloadRun | PackageDownloadRun
        if self.spec.source_kind == "package":
            source = folder / f"{self.spec.name}.whl"
            run = PackageDownloadRun(self.spec.source, source, expected)
        else:
            source = folder / f"{self.spec.name}.pkl"
            run = DownloadRun(self.spec.source, source, expected)
        try:
            yield from run
            size = source.stat().st_size
            yield DownloadStep("convert", size, size)
            found = run.sha256
            assert found is not None
            convert_checkpoint(
                source,
                self.path,
                {
                    "name": self.spec.name,
                    "source": self.spec.source,
                    "sha256": found,
                    "licence": f"{self.spec.licence}: {self.spec.licence_note}",
                },
            )
            if self.spec.sha256 is None:
                write_whole(self._sha256_file(), f"{found}\n".encode())
        finally:
            source.unlink(missing_ok=True)

    def _sha256_file(self) -> Path:
        return self.path.with_suffix(".sha256")

    def _noted_sha256(self) -> str | None:
        """The first download's checksum, if there was one."""
        path = self._sha256_file()
        return check_sha256(path.read_text("ascii").strip()) if path.is_file() else None


def fetch(name: str, sha256: str | None = None, force: bool = False) -> FetchRun:
    """Fetch a checkpoint of the catalogue into the cache: an iterable run, then at its `path`.

    `sha256` of the file at the source is demanded if given; `force` fetches it once more.
    """
    return FetchRun(name, sha256, force)


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


def _check_agree(name: str, whose: str, sha256: str | None, known: str | None) -> None:
    if sha256 and known and sha256 != known:
        raise ChecksumError(f"{name} has the sha256 {known}, but {sha256} was {whose}")
