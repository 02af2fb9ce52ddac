"""One file from an address: resumed after a break, checked, in place whole or not at all."""

from __future__ import annotations

import hashlib
import http.client
import re
import socket
import ssl
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO

from photodrag.errors import CheckpointError, ChecksumError, DownloadError

from .part_file import PartFile

_PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class DownloadSettings:
    """How patient a download is."""

    timeout: float = 30.0
    """Seconds without an answer or a byte after which an attempt has failed."""
    retries: int = 3
    """Further attempts after one that brought nothing; each goes on where the last broke off."""
    wait: float = 1.0
    """Seconds before the first further attempt; doubled each time."""
    chunk_bytes: int = 2**20
    max_bytes: int = 4 * 2**30


DEFAULTS = DownloadSettings()


@dataclass(frozen=True)
class DownloadStep:
    """How far a download is."""

    stage: str
    """What is going on: "wait" (for another process), "download" or "convert"."""
    received: int
    """Bytes so far, those of an earlier broken download included."""
    total: int | None
    """Bytes in all, if the server says so."""


class DownloadRun:
    """A download: iterate over it to fetch the file to `path`; leaving the loop pauses it.

    What has arrived stays beside `path` as `.part` until the file is whole, and a later run goes
    on from there if the server's file is still the same. One run at a time for one `path`.
    """

    def __init__(
        self,
        url: str,
        path: str | Path,
        sha256: str | None = None,
        settings: DownloadSettings = DEFAULTS,
    ) -> None:
        check_url(url)
        self.url = url
        self.path = Path(path)
        self.expected_sha256 = check_sha256(sha256)
        self.settings = settings
        self.sha256: str | None = None
        """The finished file's, once the run is over."""
        self._part = PartFile(self.path, url)

    def __iter__(self) -> Iterator[DownloadStep]:
        """Fetch the file, yielding after each piece."""
        failures, furthest = 0, self._part.resumable_bytes()
        while True:
            try:
                yield from self._attempt()
                break
            except _PassingError as error:
                arrived = self._part.resumable_bytes()
                failures = 1 if arrived > furthest else failures + 1
                furthest = max(furthest, arrived)
                if failures > self.settings.retries:
                    raise DownloadError(
                        f"{self.url} could not be downloaded: {error} ({failures} attempts); try "
                        "again later, what has arrived is kept"
                    ) from error
                time.sleep(self.settings.wait * 2 ** (failures - 1))
        self._check()
        self._part.finish()

    def _attempt(self) -> Iterator[DownloadStep]:
        """One connection, from what is there to the end of the file."""
        with self._connect(self._part.resumable_bytes()) as response:
            received, total = self._accept(response)
            with self._part.open(keep=received > 0) as file:
                yield DownloadStep("download", received, total)
                while chunk := self._read(response):
                    received += len(chunk)
                    self._check_size(received)
                    try:
                        file.write(chunk)
                        file.flush()
                    except OSError as error:
                        raise self._part.disk_error(error) from error
                    yield DownloadStep("download", received, total)
        if total is not None and received != total:
            raise _PassingError(f"the connection ended after {received} of {total} bytes")

    def _connect(self, received: int) -> http.client.HTTPResponse:
        headers = {"User-Agent": "photodrag", "Accept-Encoding": "identity"}
        if received:
            headers |= {"Range": f"bytes={received}-", "If-Range": self._part.validator()}
        request = urllib.request.Request(self.url, headers=headers)  # noqa: S310  checked address
        opener = urllib.request.build_opener(CheckedRedirects)
        try:
            response: http.client.HTTPResponse = opener.open(request, timeout=self.settings.timeout)
        except urllib.error.HTTPError as error:
            error.close()
            raise self._refusal(error) from error
        except (OSError, http.client.HTTPException) as error:
            raise self._connection_error(error) from error
        return response

    def _refusal(self, error: urllib.error.HTTPError) -> Exception:
        """What the server's answer means: some answers pass, some are final."""
        answer = f"the server answers {error.code} ({error.reason})"
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            self._part.drop()  # it has more than the file: start over
        elif error.code not in _PASSING_STATUS:
            return DownloadError(
                f"{self.url}: {answer}; the file may have moved. Download it by hand and give its "
                "path instead of the name"
            )
        return _PassingError(answer)

    def _connection_error(self, error: Exception) -> Exception:
        """What a failed connection means: some are not worth a second attempt."""
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        host = urllib.parse.urlsplit(self.url).hostname
        if isinstance(reason, socket.gaierror):
            return DownloadError(
                f"{host} cannot be reached ({reason.strerror}); check the network, or set "
                "HTTPS_PROXY if you are behind a proxy"
            )
        if isinstance(reason, ssl.SSLCertVerificationError):
            return DownloadError(
                f"{host} has a certificate that is not trusted ({reason.verify_message}); set "
                "SSL_CERT_FILE if your network has its own authority"
            )
        return _PassingError(f"{host} does not answer ({reason or type(reason).__name__})")

    def _accept(self, response: http.client.HTTPResponse) -> tuple[int, int | None]:
        """Bytes to keep and bytes in all, by what the server decided to send."""
        if response.status == HTTPStatus.PARTIAL_CONTENT:
            found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
            if found is None or int(found[1]) != self._part.resumable_bytes():
                self._part.drop()
                raise _PassingError("the server sent another part than was asked for")
            received, total = int(found[1]), None if found[2] == "*" else int(found[2])
        elif response.status == HTTPStatus.OK:
            length = response.headers.get("Content-Length", "")
            received, total = 0, int(length) if length.isdecimal() else None
            self._part.start_over(response.headers)
        else:
            raise DownloadError(f"{self.url}: the server answers {response.status}, not a file")
        self._check_size(total or 0)
        return received, total

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        try:
            return response.read1(self.settings.chunk_bytes)
        except (OSError, http.client.HTTPException) as error:
            raise _PassingError(
                f"the connection broke ({error or type(error).__name__})"
            ) from error

    def _check_size(self, size: int) -> None:
        if size > self.settings.max_bytes:
            self._part.drop()
            raise DownloadError(
                f"{self.url} is larger than {self.settings.max_bytes} bytes; this is no checkpoint"
            )

    def _check(self) -> None:
        """Compare the checksum of the whole file; a wrong file is deleted."""
        self.sha256 = file_sha256(self._part.path)
        if self.expected_sha256 not in (None, self.sha256):
            self._part.drop()
            raise ChecksumError(
                f"{self.url} has the sha256 {self.sha256}, not {self.expected_sha256}; the "
                "download was deleted. Try again; if it stays so, the address has another file"
            )


class _PassingError(Exception):
    """A failure that may be over at the next attempt."""


def check_url(url: str) -> None:
    """Refuse addresses other than https, or http on this machine."""
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname
    except ValueError:
        parts, host = None, None
    if parts and host and (parts.scheme == "https" or _is_local(parts.scheme, host)):
        return
    raise DownloadError(f"{url!r:.200} is not an https address; nothing else is downloaded")


class CheckedRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to an address that could have been given in the first place."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The next request."""
        check_url(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _is_local(scheme: str, host: str) -> bool:
    return scheme == "http" and host in _LOOPBACK


def check_sha256(sha256: str | None) -> str | None:
    """A checksum in lower case, or none; refuses what cannot be one."""
    if sha256 is None:
        return None
    if not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise CheckpointError(f"{sha256!r:.80} is not a sha256; it has 64 digits of 0-9 and a-f")
    return sha256.lower()


def file_sha256(path: Path) -> str:
    """The checksum of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
