"""Who may talk to the studio: the one who has its address, from the page it served itself.

Every web page that is open in a browser can send requests to 127.0.0.1. So each request must come
under a name that the studio has (no DNS rebinding), with the cookie that the address was exchanged
for, and, where it changes something or is a websocket, from the studio's own page.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from .responses import ANSWERS, Answer, entrance, with_policy

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
TOKEN = "token"  # noqa: S105 - the name of a part of the address, no secret
_READING = ("GET", "HEAD")
_PATHS = ("/_nicegui/", "/_nicegui_ws/", "/studio/")
_MOST_BYTES = 2**20
_LONGEST_PORT = 5  # digits
_KEPT_HEADERS = frozenset(
    {b"host", b"origin", b"cookie", b"accept", b"user-agent", b"content-type", b"content-length"}
    | {b"connection", b"upgrade", b"if-none-match", b"range", b"purpose", b"nicegui-check"}
)
_KEPT_PREFIXES = (b"sec-websocket-", b"sec-fetch-", b"sec-purpose", b"x-photodrag-")


@dataclass(frozen=True)
class Access:
    """The secrets of one running studio, and the names it answers to.

    `address` and `port` are what it listens on; an address such as 0.0.0.0 means all of them.
    """

    address: str
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    pass_key: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies know no ports, so that of each studio has its own."""
        return f"photodrag-{self.port}"

    @property
    def everywhere(self) -> bool:
        """Whether it listens on all addresses of the machine."""
        return ipaddress.ip_address(self.address).is_unspecified

    @property
    def url(self) -> str:
        """The address to open on this machine, with its token."""
        return self.url_at("127.0.0.1" if self.everywhere else self.address)

    def url_at(self, host: str) -> str:
        """The address to open, with its token, at one of the machine's own addresses."""
        return f"http://{_bracketed(host)}:{self.port}/?{TOKEN}={self.token}"

    def knows_host(self, host: str) -> bool:
        """Whether a Host header names this studio.

        A page elsewhere can make its own name lead here, but never a number: so where the studio
        listens on all addresses, any number will do.
        """
        name, port = _split_host(host)
        if port != self.port:
            return False
        if name == "localhost":
            return True
        try:
            number = ipaddress.ip_address(name)
        except ValueError:
            return False
        return self.everywhere or number == ipaddress.ip_address(self.address)

    def has_token(self, value: str) -> bool:
        """Compared in constant time."""
        return hmac.compare_digest(value.encode(), self.token.encode())

    def has_pass(self, value: str) -> bool:
        """Compared in constant time."""
        return hmac.compare_digest(value.encode(), self.pass_key.encode())


class Guard:
    """An ASGI application around another one, which gets only the requests that may be.

    `uploads` tells by a path how many bytes a request's body may have.
    """

    def __init__(self, app: App, access: Access, uploads: Callable[[str], int]):
        self.app = app
        self._access = access
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _refuse(scope, send, refusal)
        elif _is_entrance(scope):
            token = parse_qs(scope["query_string"].decode("latin-1"))[TOKEN][-1]
            if self._access.has_token(token):
                await entrance(self._access.cookie, self._access.pass_key).send(send)
            else:
                await ANSWERS["token"].send(send)
        elif not self._has_cookie(headers):
            await _refuse(scope, send, ANSWERS["token"])
        else:
            await self._pass_on(scope, receive, send, headers)

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes]) -> Answer | None:
        """Why a request is not let in, whoever it comes from."""
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        own = b"http://" + hosts[0] if len(hosts) == 1 else b""
        path = scope["path"]
        reading = scope["type"] == "http" and scope["method"] in _READING
        origin = headers.get(b"origin")
        # a page elsewhere may lead to the address, but not load anything of it
        fetched = headers.get(b"sec-fetch-site", b"same-origin")
        length = headers.get(b"content-length", b"0")
        checks = {
            "host": own and self._access.knows_host(hosts[0].decode("latin-1")),
            "method": scope["type"] == "websocket" or reading or scope["method"] == "POST",
            "origin": origin == own or (reading and origin is None),
            "path": path in ("/", "/favicon.ico") or path.startswith(_PATHS),
            "fetch": fetched in (b"same-origin", b"none") or path == "/",
            "size": length[:16].isdigit() and len(length) < 16 and int(length) <= self._limit(path),
        }
        return next((ANSWERS[name] for name, passed in checks.items() if not passed), None)

    def _limit(self, path: str) -> int:
        return max(_MOST_BYTES, self._uploads(path))

    def _has_cookie(self, headers: dict[bytes, bytes]) -> bool:
        cookies: SimpleCookie = SimpleCookie()
        try:
            cookies.load(headers.get(b"cookie", b"").decode("latin-1"))
        except CookieError:
            return False
        ours = cookies.get(self._access.cookie)
        return ours is not None and self._access.has_pass(ours.value)

    async def _pass_on(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes]
    ) -> None:
        """To the studio, without headers that it has no use for, and with a bounded body."""
        inner = {
            **scope,
            "headers": [
                (name, value)
                for name, value in scope["headers"]
                if name in _KEPT_HEADERS or name.startswith(_KEPT_PREFIXES)
            ],
        }
        if scope["type"] == "websocket":
            await self.app(inner, receive, send)
            return
        left, begun = self._limit(scope["path"]), False

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:  # more than it said: as if the connection had ended
                return {"type": "http.disconnect"}
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            if left >= 0 or begun:
                begun = True
                await send(message)

        try:
            await self.app(inner, bounded, with_policy(noted, headers[b"host"].decode("latin-1")))
        except Exception:
            if left >= 0 or begun:
                raise
        if left < 0 and not begun:
            await ANSWERS["size"].send(send)


def _is_entrance(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and scope["path"] == "/"
        and TOKEN in parse_qs(scope["query_string"].decode("latin-1"))
    )


async def _refuse(scope: Scope, send: Send, answer: Answer) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})  # before it is accepted: HTTP 403
    else:
        await answer.send(send)


def _split_host(host: str) -> tuple[str, int]:
    """'127.0.0.1:80' or '[::1]:80' => the name without brackets, and the port; else port 0."""
    name, colon, port = host.rpartition(":")
    if not colon or len(port) > _LONGEST_PORT or not (port.isascii() and port.isdigit()):
        return "", 0
    if name.startswith("[") and name.endswith("]"):
        return name[1:-1], int(port)
    return ("", 0) if ":" in name else (name.lower(), int(port))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
