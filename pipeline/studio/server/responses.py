"""What the guard answers by itself, and what it adds to the studio's own answers."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)
_SCRIPT = re.compile(rb"<script(?=[\s>])")


@dataclass(frozen=True)
class Answer:
    """A short page."""

    status: int
    text: str
    headers: tuple[tuple[bytes, bytes], ...] = ()
    head: str = ""

    async def send(self, send: Send) -> None:
        """Answer a request with it."""
        body = (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>photodrag studio</title>'
            f'<meta name="viewport" content="width=device-width">{self.head}'
            "<body style='font:16px/1.5 system-ui,sans-serif;max-width:34em;margin:4em auto;"
            f"padding:0 1em;color-scheme:light dark'><p>{self.text}</p>"
        ).encode()
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
            *_HEADERS,
            *self.headers,
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


ANSWERS = {
    "host": Answer(421, "The studio does not answer under this name."),
    "origin": Answer(403, "The studio answers only to its own page."),
    "fetch": Answer(403, "The studio answers only to its own page."),
    "method": Answer(405, "The studio knows no such request."),
    "path": Answer(404, "There is nothing here."),
    "size": Answer(413, "This is larger than the studio accepts."),
    "token": Answer(
        403, "To come in, open the whole address that <code>photodrag studio</code> printed."
    ),
}


def entrance(cookie: str, pass_key: str) -> Answer:
    """Exchange the address with its token for a cookie, and lead on to the address without it.

    A page that leads on, and no redirection: after one, a browser that came from elsewhere would
    not send the cookie.
    """
    value = f"{cookie}={pass_key}; HttpOnly; SameSite=Strict; Path=/"
    return Answer(
        200,
        'The studio opens: <a href="/">photodrag studio</a>',
        ((b"set-cookie", value.encode()),),
        '<meta http-equiv="refresh" content="0;url=/">',
    )


def with_policy(send: Send, host: str) -> Send:
    """Add to an answer what a browser may do with it; scripts in a page get a nonce."""
    nonce = secrets.token_urlsafe(16)
    start: Message = {}
    page: bytearray | None = None

    async def guarded(message: Message) -> None:
        nonlocal start, page
        if message["type"] == "http.response.start":
            kept = [pair for pair in message.get("headers", ()) if not _is_ours(pair)]
            start = {**message, "headers": [*kept, *_policy(nonce, host)]}
            if _value(kept, b"content-type").startswith(b"text/html"):
                page = bytearray()
            else:
                await send(start)
        elif page is None:
            await send(message)
        else:
            page += message.get("body", b"")
            if not message.get("more_body", False):
                body = _SCRIPT.sub(b'<script nonce="%s"' % nonce.encode(), bytes(page))
                kept = [pair for pair in start["headers"] if pair[0] != b"content-length"]
                length = (b"content-length", str(len(body)).encode())
                await send({**start, "headers": [*kept, length]})
                await send({"type": "http.response.body", "body": body})

    return guarded


def _policy(nonce: str, host: str) -> Iterable[tuple[bytes, bytes]]:
    parts = (
        "default-src 'none'",
        f"script-src 'self' 'nonce-{nonce}'",
        "style-src 'self' 'unsafe-inline'",  # Quasar and Vue write styles
        "img-src 'self' blob: data:",
        "font-src 'self'",
        f"connect-src 'self' ws://{host}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    yield b"content-security-policy", "; ".join(parts).encode()
    yield from _HEADERS


def _is_ours(pair: tuple[bytes, bytes]) -> bool:
    return pair[0].lower() in {name for name, _ in _HEADERS} | {b"server", b"x-powered-by"}


def _value(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    return next((value for key, value in headers if key.lower() == name), b"")
