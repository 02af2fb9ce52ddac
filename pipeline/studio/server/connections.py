"""Connections that send nothing, or drip, are closed; and there are only so many.

Whoever reaches the port can open connections, before the guard has seen a request. Uvicorn ends
only those that are idle after an answer.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from typing import Any, cast

_TURNS = itertools.count()
_LOOKS = 4  # at each connection, in the time that it has


@dataclass(frozen=True)
class ConnectionLimits:
    """What a connection may take; seconds."""

    head: float = 10.0
    """Until a request's head is there, however it drips."""
    body: float = 30.0
    """Without anything more of a request's body."""
    most: int = 256
    """Connections at once. A further one takes the place of the oldest that asks for nothing."""


def bounded_protocol(limits: ConnectionLimits) -> type[asyncio.Protocol]:
    """Uvicorn's protocol for HTTP, with these limits."""
    from uvicorn.protocols.http.auto import AutoHTTPProtocol  # noqa: PLC0415 - an optional extra

    made = type("BoundedProtocol", (_Bounded, AutoHTTPProtocol), {"limits": limits})
    return cast("type[asyncio.Protocol]", made)


class _Bounded(asyncio.Protocol):
    """What stands in front of uvicorn's protocol, of which it uses `cycle` and `connections`."""

    limits: ConnectionLimits
    cycle: Any
    connections: set[Any]
    loop: asyncio.AbstractEventLoop
    _asked_since: float | None = None
    _heard: float = 0.0
    _turn: int = 0
    """Counts what is heard of all connections, as many are heard of at one time of the loop."""
    _transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take it; or take it in place of another."""
        super().connection_made(transport)
        self._transport = cast("asyncio.Transport", transport)
        self._asked_since = self._heard = self.loop.time()
        self._turn = next(_TURNS)
        if len(self.connections) > self.limits.most:
            others = [
                one
                for one in self.connections
                if isinstance(one, _Bounded) and one is not self and one.is_idle
            ]
            oldest = min(others, key=lambda one: one._turn, default=self)
            self.connections.discard(oldest)  # at once, as more may come in this moment
            oldest._transport.abort()
        self._look_again()

    def data_received(self, data: bytes) -> None:
        """Note whether a request has come, and that something has."""
        self._heard, self._turn = self.loop.time(), next(_TURNS)
        if self.is_idle and self._asked_since is None:
            self._asked_since = self._heard
        super().data_received(data)
        if not self.is_idle:
            self._asked_since = None

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or bool(self.cycle.response_complete)

    def _look_again(self) -> None:
        wait = min(self.limits.head, self.limits.body) / _LOOKS
        self.loop.call_later(wait, self._look)

    def _look(self) -> None:
        """Close it if it has had its time."""
        now, late = self.loop.time(), False
        other = self._transport.get_protocol()  # a websocket's by now, perhaps
        is_open = other is not self and getattr(other, "handshake_complete", True)
        if is_open or self._transport.is_closing():
            return
        if other is not self:  # which waits for ever for a shake of hands that is none
            late = now - self._heard > self.limits.head
        elif self.is_idle:
            late = self._asked_since is not None and now - self._asked_since > self.limits.head
        elif self.cycle.more_body and self._transport.is_reading():
            late = now - self._heard > self.limits.body
        if late:
            self._transport.abort()
        else:
            self._look_again()
