import hashlib
import sys
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from photodrag.checkpoints.catalogue import CATALOGUE
from photodrag.checkpoints.download.download import DownloadStep
from photodrag.checkpoints.fetching import fetch, locate
from photodrag.checkpoints.loading import load_generator
from photodrag.checkpoints.store import read_checkpoint
from photodrag.errors import CheckpointError, ChecksumError, UnknownCheckpointError

PICKLE = (Path(__file__).parent / "data" / "tiny32_cond.pkl").read_bytes()
SHA256 = hashlib.sha256(PICKLE).hexdigest()


class FakeDownload:
    """Stands for the network: gives what `content` holds, and checks it as a download does."""

    content = PICKLE
    count = 0

    def __init__(self, source, path, sha256):
        self.source, self.path, self.expected, self.sha256 = source, path, sha256, None

    def __iter__(self):
        type(self).count += 1
        yield DownloadStep("download", 1, len(self.content))
        self.sha256 = hashlib.sha256(self.content).hexdigest()
        if self.expected not in (None, self.sha256):
            raise ChecksumError(f"{self.sha256}, not {self.expected}")
        self.path.write_bytes(self.content)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PHOTODRAG_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "checkpoints"


@pytest.fixture
def network(monkeypatch):
    class Fresh(FakeDownload):
        pass

    # the package's own `fetch` is the function; its module is found by its full name only
    module = sys.modules["photodrag.checkpoints.fetching"]
    monkeypatch.setattr(module, "DownloadRun", Fresh)
    monkeypatch.setattr(module, "PackageDownloadRun", Fresh)
    return Fresh


def files(cache):
    return sorted(path.name for path in cache.iterdir() if path.suffix != ".lock")


def test_fetched_checkpoint_is_converted_and_noted(cache, network):
    run = fetch("afhqcat")
    assert not cache.exists()
    assert [step.stage for step in run] == ["download", "convert"]
    config, _, notes = read_checkpoint(run.path)
    assert config.resolution == 32
    assert notes["sha256"] == SHA256
    assert notes["source"] == CATALOGUE["afhqcat"].source
    assert "commercial" in notes["licence"]
    assert files(cache) == ["afhqcat.safetensors", "afhqcat.sha256"]


def test_what_is_fetched_and_loaded_is_logged(cache, network, caplog):
    caplog.set_level("INFO", "photodrag")
    spec, path = CATALOGUE["afhqcat"], fetch("afhqcat").finish()
    load_generator("afhqcat")
    assert {record.name for record in caplog.records} == {"photodrag.checkpoints"}
    fetching, fetched, loaded = [record.getMessage() for record in caplog.records]
    assert fetching == f"fetching afhqcat from {spec.source}"
    assert fetched.startswith("fetched afhqcat, ")
    assert loaded.startswith(f"loaded {path} (stylegan2, 32 px) to cpu in ")


def test_second_fetch_does_nothing(cache, network):
    assert fetch("ffhq").finish() == cache / "ffhq.safetensors"
    assert list(fetch("ffhq")) == []
    assert network.count == 1
    fetch("ffhq", force=True).finish()
    assert network.count == 2


def test_changed_file_at_the_source_is_refused(cache, network):
    fetch("ffhq").finish()
    (cache / "ffhq.safetensors").unlink()
    network.content = PICKLE + b"changed"
    with pytest.raises(ChecksumError, match=SHA256):
        fetch("ffhq").finish()
    assert files(cache) == ["ffhq.sha256"]


def test_asked_checksum_is_demanded(network):
    with pytest.raises(ChecksumError):
        fetch("ffhq", sha256="0" * 64).finish()
    fetch("ffhq", sha256=SHA256).finish()
    fetch("ffhq", sha256=SHA256.upper()).finish()
    with pytest.raises(ChecksumError, match="asked for"):
        fetch("ffhq", sha256="0" * 64)


def test_checksum_against_the_catalogues_is_refused():
    with pytest.raises(ChecksumError, match="asked for"):
        fetch("ffhq-mobile", sha256="0" * 64)


def test_catalogues_checksum_is_demanded(cache, network):
    with pytest.raises(ChecksumError, match=CATALOGUE["ffhq-mobile"].sha256):
        fetch("ffhq-mobile").finish()
    assert files(cache) == []


def test_file_that_is_no_network_leaves_nothing(cache, network):
    network.content = b"<html>moved</html>"
    with pytest.raises(CheckpointError, match="web page"):
        fetch("ffhq").finish()
    assert files(cache) == []


def test_left_loop_releases_the_lock(cache, network):
    for _ in fetch("ffhq"):
        break
    fetch("ffhq").finish()
    assert files(cache) == ["ffhq.safetensors", "ffhq.sha256"]


def test_other_process_is_waited_for(cache, network):
    cache.mkdir(parents=True)
    lock = FileLock(cache / "ffhq.lock", thread_local=False)
    lock.acquire()
    stages = []
    for step in fetch("ffhq"):
        stages.append(step.stage)
        lock.release()
    assert stages == ["wait", "download", "convert"]


def test_two_at_once_fetch_once(cache, network):
    threads = [threading.Thread(target=lambda: fetch("ffhq").finish()) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert network.count == 1
    assert (cache / "ffhq.safetensors").is_file()


def test_file_fetched_by_other_means_is_checked_and_stays(cache, network, tmp_path):
    file = tmp_path / "mine.pkl"
    file.write_bytes(PICKLE)
    run = fetch("afhqcat", file=file)
    assert [step.stage for step in run] == ["convert"]
    assert network.count == 0
    assert read_checkpoint(run.path)[2]["sha256"] == SHA256
    assert files(cache) == ["afhqcat.safetensors", "afhqcat.sha256"]
    assert file.read_bytes() == PICKLE
    file.write_bytes(PICKLE + b"changed")
    with pytest.raises(ChecksumError, match=SHA256):
        fetch("afhqcat", force=True, file=file).finish()
    assert files(cache) == ["afhqcat.safetensors", "afhqcat.sha256"]


def test_file_must_be_the_catalogues(cache, tmp_path):
    (tmp_path / "mine.whl").write_bytes(b"another wheel")
    with pytest.raises(ChecksumError, match=CATALOGUE["ffhq-mobile"].sha256):
        fetch("ffhq-mobile", file=tmp_path / "mine.whl").finish()
    with pytest.raises(CheckpointError, match=r"made of a \.pkl file"):
        fetch("ffhq", file=tmp_path / "mine.whl")
    with pytest.raises(CheckpointError, match="no such file"):
        fetch("ffhq", file=tmp_path / "none.pkl")
    assert files(cache) == []


def test_unknown_name_is_refused():
    with pytest.raises(UnknownCheckpointError, match="did you mean"):
        fetch("ffhqq")


def test_name_is_located_once_fetched(cache, network):
    assert locate("ffhq") is None
    fetch("ffhq").finish()
    assert locate("ffhq") == cache / "ffhq.safetensors"


def test_path_wins_over_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("ffhq", "other", "ffhq.pkl"):
        (tmp_path / name).touch()
    assert locate("ffhq") is None  # a bare name of the catalogue stays a name
    assert locate("./ffhq") == Path("ffhq")
    assert locate(Path("ffhq")) == Path("ffhq")
    assert locate("other") == Path("other")
    assert locate("ffhq.pkl") == Path("ffhq.pkl")


@pytest.mark.parametrize("missing", ["none.pkl", "./ffhq", "folder/ffhq", Path("ffhq")])
def test_missing_file_is_refused(tmp_path, monkeypatch, missing):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownCheckpointError, match="no checkpoint file"):
        locate(missing)
