"""The studio's server: requests that no browser would send, with the secrets and without them."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from photodrag.errors import StudioError

from .children import Case
from .mutating import mutated

ALLOWED = ("socket.connect",)
"""What `run` does that a reader of files must not."""
_ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 8.0  # for an answer; a head and a body have one each
_START = 120.0
_ERRORS = "server.txt"
_ABOUT = "about.json"
_SERVER: list[subprocess.Popen[bytes]] = []
_HEAD = (
    b"Host: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
    b"Sec-Fetch-Site: same-origin\r\n"
)
_PATHS = (
    *(b"/", b"/?token={token}", b"/favicon.ico", b"/studio/web/studio.css", b"/_nicegui/auto/x"),
    *(b"/studio/{key}/picture", b"/studio/{key}/picture?original=1", b"/studio/{key}/frame"),
    *(b"/studio/{key}/detail?box=1,2,30,40&side=64", b"/studio/{key}/mask?names=eyes"),
    *(b"/studio/{key}/saved", b"/studio/x/picture", b"/studio/web/..%2f..%2fserver.py"),
    *(b"/_nicegui_ws/socket.io/?EIO=4&transport=polling&client_id=x", b"/docs", b"/studio/{key}/"),
)
_FILES = (b"a.jpg", b"a.zip", b"a.json", b"..%2fa.png", b"%00", b"a" * 300, b"%ff%fe.jpg")
_METHODS = (b"GET", b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"get", b"X")
_HEADERS = (
    *(b"Host: evil.example", b"Host: 127.0.0.1:" + b"9" * 5000, b"Content-Length: 99999999999"),
    *(b"Content-Length: -1", b"Transfer-Encoding: chunked", b"Range: bytes=9-1", b"Cookie: a=b"),
    *(b"Upgrade: websocket\r\nConnection: Upgrade", b"Range: bytes=" + b"0-1," * 500),
    *(b"Expect: 100-continue", b"Content-Type: multipart/form-data; boundary=" + b"a" * 300),
    *(b"If-None-Match: \xff", b"X-Photodrag-A: " + b"b" * 9000, b"Sec-WebSocket-Key: x"),
    *(b"Origin: null", b"Cookie: " + b"\xc3;=" * 99, b"Accept-Encoding: gzip, *"),
)


def prepare(folder: Path) -> None:
    """Start a studio; its files are in the folder."""
    with (folder / _ERRORS).open("wb") as errors:
        _SERVER.append(
            subprocess.Popen(  # noqa: S603 - this project's own module
                [sys.executable, "-m", "scripts.fuzz.page_server", str(folder / _ABOUT)],
                cwd=_ROOT,
                env={**os.environ, "TMPDIR": str(folder)},
                stdin=subprocess.PIPE,
                stdout=errors,
                stderr=errors,
            )
        )
    end = time.monotonic() + _START
    while not (folder / _ABOUT).exists():
        if time.monotonic() > end or _SERVER[-1].poll() is not None:
            said = (folder / _ERRORS).read_text("utf-8", "replace")[-2000:]
            finish()
            raise RuntimeError(f"the studio did not start: {said}")
        time.sleep(0.1)


def finish() -> None:
    """End the studio."""
    while _SERVER:
        server = _SERVER.pop()
        server.communicate(timeout=_START)  # closes its input


def make(random: Random) -> Case:
    """One request, or several in one connection."""
    requests = [_request(random) for _ in range(random.choice((1, 1, 1, 2, 20)))]
    data = b"".join(requests)
    if random.random() < 0.4:
        data = mutated(data, random)
    return Case(data, ".http")


def run(file: Path, _folder: Path) -> None:
    """Send it; an answer of 5xx, none at all, or a traceback in the terminal is an error."""
    place = file.parent.parent
    about = json.loads((place / _ABOUT).read_bytes())
    errors = place / _ERRORS
    said = errors.stat().st_size
    answers = _send(_filled(file.read_bytes(), about), about["port"], to_end=False)
    codes = [int(code) for code in re.findall(rb"HTTP/1\.1 (\d\d\d) ", answers)]
    assert not [code for code in codes if code >= 500], f"it answered {codes}"
    plain = b"GET /studio/web/studio.css HTTP/1.1\r\n" + _HEAD + b"Connection: close\r\n\r\n"
    after = _send(_filled(plain, about), about["port"], to_end=True)
    assert after.startswith(b"HTTP/1.1 200"), f"afterwards it answers {after[:50]!r}"
    new = errors.read_bytes()[said:].decode("utf-8", "replace")
    assert not new.strip(), f"it printed {new[-300:]}"
    if not codes or codes[0] >= 400:
        raise StudioError(f"answered with {codes[:1]}")


def _request(random: Random) -> bytes:
    method, body = random.choice(_METHODS), b""
    path = random.choice(_PATHS)
    if random.random() < 0.3:
        method, path = b"POST", b"/studio/{key}/files?name=" + random.choice(_FILES)
    if random.random() < 0.2:
        path = mutated(path, random).replace(b"\n", b"")
    head = _HEAD if random.random() < 0.8 else random.choice((b"", _HEAD[:26], _HEAD[26:]))
    if method not in (b"GET", b"HEAD"):
        body = random.choice((b"", b"x", random.randbytes(3000), b"[" * 50_000, b"PK\3\4" * 99))
        head += b"Content-Length: %d\r\n" % (len(body) + random.choice((0, 0, 0, 0, 1)))
    for _ in range(random.choice((0, 0, 1, 1, 3))):
        head += random.choice(_HEADERS) + b"\r\n"
    return method + b" " + path + b" HTTP/1.1\r\n" + head + b"\r\n" + body


def _filled(data: bytes, about: dict[str, object]) -> bytes:
    for name, value in about.items():
        data = data.replace(b"{%s}" % name.encode(), str(value).encode())
    return data


def _send(data: bytes, port: int, *, to_end: bool) -> bytes:
    """What comes back within the time, or until the server closes the connection.

    Unless `to_end`, silence of a moment after an answer is enough. AssertionError for no answer.
    """
    end, found = time.monotonic() + _SECONDS, b""
    with socket.create_connection(("127.0.0.1", port), timeout=_SECONDS) as client:
        try:
            client.sendall(data)
            while True:
                quiet = 0.1 if found and not to_end else max(end - time.monotonic(), 0.01)
                client.settimeout(quiet)
                part = client.recv(65_536)
                if not part:
                    return found
                found = (found + part)[: 2**20]
        except TimeoutError:
            assert found, f"no answer in {_SECONDS:.0f} s"
            assert not to_end, "the connection was not closed"
            return found
        except OSError:  # closed by the server
            return found
