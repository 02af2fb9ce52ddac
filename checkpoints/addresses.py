"""Which addresses are downloaded from: https, and nothing else that a redirect may lead to."""

from __future__ import annotations

import http.client
import urllib.parse
import urllib.request
from typing import IO

from photodrag.errors import DownloadError

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


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
