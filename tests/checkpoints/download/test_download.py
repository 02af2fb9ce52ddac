import errno
import hashlib
import http.server
import socket
import threading
import urllib.error

import pytest

from photodrag.checkpoints.download import download
from photodrag.checkpoints.download.download import DownloadRun, DownloadSettings
from photodrag.errors import CheckpointError, ChecksumError, DownloadError

CONTENT = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
QUICK = DownloadSettings(timeout=5, retries=2, wait=0.01, chunk_bytes=50_000)


class Server:
    """A file server on this machine that can break off, change its file and forget ranges."""

    def __init__(self):
        self.content, self.tag = CONTENT, '"one"'
        self.ranges = self.length = True
        self.break_after: list[int] = []  # bytes after which each connection in turn ends
        self.statuses: list[int] = []  # answers before the file is sent
        self.location = ""
        self.requests: list[dict[str, str]] = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                server.answer(self)

            def log_message(self, *_arguments):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_port}/network.pkl"

    def answer(self, handler):
        self.requests.append(dict(handler.headers))
        if self.statuses:
            handler.send_response(self.statuses.pop(0))
            if self.location:
                handler.send_header("Location", self.location)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        start = 0
        asked = handler.headers.get("Range")
        if asked and self.ranges and handler.headers.get("If-Range") == self.tag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            handler.send_response(206)
            size = len(self.content)
            handler.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        else:
            handler.send_response(200)
        data = self.content[start:]
        if self.length:
            handler.send_header("Content-Length", str(len(data)))
        if self.tag:
            handler.send_header("ETag", self.tag)
        handler.end_headers()
        handler.wfile.write(data[: self.break_after.pop(0)] if self.break_after else data)

    def close(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = Server()
    yield server
    server.close()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_file_arrives_whole_with_progress(server, tmp_path):
    run = DownloadRun(server.url, tmp_path / "a.pkl", SHA256.upper(), QUICK)
    steps = list(run)
    assert (tmp_path / "a.pkl").read_bytes() == CONTENT
    assert run.sha256 == SHA256
    assert steps[0].received == 0
    assert steps[-1].received == steps[-1].total == len(CONTENT)
    assert [s.received for s in steps] == sorted(s.received for s in steps)
    assert names(tmp_path) == ["a.pkl"]


def test_nothing_happens_before_the_loop(server, tmp_path):
    DownloadRun(server.url, tmp_path / "a.pkl", None, QUICK)
    assert not server.requests
    assert not names(tmp_path)


def test_left_loop_goes_on_where_it_was(server, tmp_path):
    for step in DownloadRun(server.url, tmp_path / "a.pkl", SHA256, QUICK):
        if step.received:
            break
    assert names(tmp_path) == ["a.pkl.part", "a.pkl.part.json"]
    steps = list(DownloadRun(server.url, tmp_path / "a.pkl", SHA256, QUICK))
    assert server.requests[-1]["Range"] == f"bytes={step.received}-"
    assert steps[0].received == step.received
    assert (tmp_path / "a.pkl").read_bytes() == CONTENT
    assert names(tmp_path) == ["a.pkl"]


def test_broken_connections_are_gone_on_with(server, tmp_path):
    server.break_after = [100_000, 100_000, 100_000, 100_000, 50_000]  # more than the retries
    list(DownloadRun(server.url, tmp_path / "a.pkl", SHA256, QUICK))
    assert (tmp_path / "a.pkl").read_bytes() == CONTENT
    assert len(server.requests) == 6


def test_changed_file_starts_over(server, tmp_path):
    for step in DownloadRun(server.url, tmp_path / "a.pkl", None, QUICK):
        if step.received:
            break
    server.content, server.tag = CONTENT[::-1], '"two"'
    list(DownloadRun(server.url, tmp_path / "a.pkl", None, QUICK))
    assert "Range" in server.requests[-1]
    assert (tmp_path / "a.pkl").read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize("change", ["ranges", "tag", "length"])
def test_plain_server_starts_over(server, tmp_path, change):
    setattr(server, change, "" if change == "tag" else False)
    server.break_after = [100_000] if change != "length" else []
    list(DownloadRun(server.url, tmp_path / "a.pkl", SHA256, QUICK))
    assert (tmp_path / "a.pkl").read_bytes() == CONTENT


def test_part_of_another_address_starts_over(server, tmp_path):
    server.break_after = [1000, 0, 0]
    with pytest.raises(DownloadError):
        list(DownloadRun(server.url + "?old", tmp_path / "a.pkl", None, QUICK))
    list(DownloadRun(server.url, tmp_path / "a.pkl", SHA256, QUICK))
    assert "Range" not in server.requests[-1]


def test_too_long_part_starts_over(server, tmp_path):
    for _ in DownloadRun(server.url, tmp_path / "a.pkl", SHA256, QUICK):
        break
    (tmp_path / "a.pkl.part").write_bytes(CONTENT + b"more")
    server.statuses = [416]
    list(DownloadRun(server.url, tmp_path / "a.pkl", SHA256, QUICK))
    assert (tmp_path / "a.pkl").read_bytes() == CONTENT


def test_connection_that_never_recovers_keeps_the_part(server, tmp_path):
    server.break_after = [100_000] + [0] * 9
    with pytest.raises(DownloadError, match="100000 of 512000 bytes"):
        list(DownloadRun(server.url, tmp_path / "a.pkl", SHA256, QUICK))
    assert (tmp_path / "a.pkl.part").stat().st_size == 100_000
    assert not (tmp_path / "a.pkl").exists()


def test_wrong_checksum_deletes_the_download(server, tmp_path):
    with pytest.raises(ChecksumError, match=SHA256):
        list(DownloadRun(server.url, tmp_path / "a.pkl", "0" * 64, QUICK))
    assert not names(tmp_path)


def test_passing_answers_are_tried_again(server, tmp_path):
    server.statuses = [503, 429]
    list(DownloadRun(server.url, tmp_path / "a.pkl", SHA256, QUICK))
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [403, 404, 410])
def test_final_answers_are_not_tried_again(server, tmp_path, status):
    server.statuses = [status]
    with pytest.raises(DownloadError, match=f"answers {status}"):
        list(DownloadRun(server.url, tmp_path / "a.pkl", None, QUICK))
    assert len(server.requests) == 1
    assert not names(tmp_path)


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://example.org/a", "ftp://a/b"])
def test_redirect_elsewhere_is_refused(server, tmp_path, location):
    server.statuses, server.location = [302], location
    with pytest.raises(DownloadError):
        list(DownloadRun(server.url, tmp_path / "a.pkl", None, QUICK))
    assert not names(tmp_path)


def test_redirect_to_an_allowed_address_is_followed(server, tmp_path):
    server.statuses, server.location = [302], server.url + "?moved"
    list(DownloadRun(server.url, tmp_path / "a.pkl", SHA256, QUICK))
    assert (tmp_path / "a.pkl").read_bytes() == CONTENT


@pytest.mark.parametrize("length", [True, False])
def test_endless_file_is_refused(server, tmp_path, length):
    server.length = length
    small = DownloadSettings(retries=0, max_bytes=200_000, chunk_bytes=50_000)
    with pytest.raises(DownloadError, match="larger than 200000"):
        list(DownloadRun(server.url, tmp_path / "a.pkl", None, small))
    assert not names(tmp_path)


def test_nobody_listening_is_reported(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/a"
        with pytest.raises(DownloadError, match="does not answer"):
            list(DownloadRun(url, tmp_path / "a.pkl", None, QUICK))
    assert not names(tmp_path)


def test_no_network_is_reported_at_once(tmp_path, monkeypatch):
    class Opener:
        def open(self, *_arguments, **_settings):
            raise urllib.error.URLError(socket.gaierror(-3, "Temporary failure"))

    monkeypatch.setattr(download.urllib.request, "build_opener", lambda *_: Opener())
    with pytest.raises(DownloadError, match=r"example\.org cannot be reached"):
        list(DownloadRun("https://example.org/a", tmp_path / "a.pkl"))


def test_full_disk_is_reported(server, tmp_path, monkeypatch):
    class Full:
        def __enter__(self):
            return self

        def __exit__(self, *_arguments):
            pass

        def write(self, _chunk):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download.PartFile, "open", lambda *_, **__: Full())
    with pytest.raises(DownloadError, match="No space left"):
        list(DownloadRun(server.url, tmp_path / "a.pkl", None, QUICK))


def test_missing_folder_is_reported(server, tmp_path):
    with pytest.raises(DownloadError, match="cannot be written"):
        list(DownloadRun(server.url, tmp_path / "none" / "a.pkl", None, QUICK))


@pytest.mark.parametrize(
    "url",
    ["http://example.org/a", "ftp://example.org/a", "file:///etc/passwd", "a.pkl", "https://["],
)
def test_other_addresses_are_refused_when_made(tmp_path, url):
    with pytest.raises(DownloadError, match="not an https address"):
        DownloadRun(url, tmp_path / "a.pkl")


def test_checksum_that_is_none_is_refused_when_made(tmp_path):
    with pytest.raises(CheckpointError, match="not a sha256"):
        DownloadRun("https://example.org/a", tmp_path / "a.pkl", "abc")
