"""Sockets that are opened and not used as they should be."""

import socket
import threading
import time
from contextlib import ExitStack

import pytest
import uvicorn

from photodrag.pipeline.studio.server.connections import ConnectionLimits, bounded_protocol

_ASK = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
_LONG = 20  # seconds until a test fails


async def _app(scope, receive, send):
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def serve():
    """Starts a server with some limits; gives what makes sockets to it."""
    with ExitStack() as ends:

        def make(**limits):
            taken = ends.enter_context(socket.socket())
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            protocol = bounded_protocol(ConnectionLimits(**limits))
            config = uvicorn.Config(_app, http=protocol, log_config=None, lifespan="off")
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, args=([taken],))
            thread.start()
            ends.callback(thread.join)
            ends.callback(setattr, server, "should_exit", True)

            def connect():
                client = socket.create_connection(taken.getsockname(), timeout=_LONG)
                return ends.enter_context(client)

            return connect

        yield make


def _is_closed(client):
    """Waits for it."""
    try:
        return client.recv(1000) == b""
    except ConnectionResetError:
        return True


def test_a_connection_that_sends_nothing_is_closed(serve):
    client = serve(head=0.2)()
    assert _is_closed(client)


def test_a_head_that_drips_is_no_reason_to_wait(serve):
    client = serve(head=0.4)()
    end = time.monotonic() + _LONG
    with pytest.raises(OSError, match=r"reset|pipe|abort"):  # noqa: PT012 - until it is closed
        for place in range(len(_ASK) * 1000):
            client.sendall(b"GET / HTTP/1.1\r\nX: "[place : place + 1] or b"x")
            time.sleep(0.02)
            assert time.monotonic() < end


def test_a_second_request_that_drips_is_closed_too(serve):
    client = serve(head=0.3)()
    client.sendall(_ASK)
    assert client.recv(1000).startswith(b"HTTP/1.1 200")
    client.sendall(_ASK[:9])
    assert _is_closed(client)


def test_a_body_that_stops_is_closed(serve):
    client = serve(head=0.2, body=0.2)()
    client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
    assert _is_closed(client)


def test_a_body_that_goes_on_is_read(serve):
    client = serve(head=0.2, body=2)()
    client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
    for _ in range(9):
        client.sendall(b"x")
        time.sleep(0.1)
    assert client.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_websocket_that_does_not_begin_is_closed(serve):
    client = serve(head=0.2)()
    head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    client.sendall(head + b"X: " + b"b" * 9000 + b"\r\n\r\n")  # too long for websockets
    assert _is_closed(client)


def test_of_too_many_connections_the_oldest_idle_ones_go(serve):
    connect = serve(most=5)
    idle = [connect() for _ in range(12)]
    for client in idle[:7]:
        assert _is_closed(client)
    page = connect()  # in the place of the eighth
    page.sendall(_ASK)
    assert page.recv(1000).startswith(b"HTTP/1.1 200")
    assert _is_closed(idle[7])
    idle[-1].sendall(_ASK)
    assert idle[-1].recv(1000).startswith(b"HTTP/1.1 200")


def test_where_all_are_at_work_a_further_one_is_closed(serve):
    connect = serve(most=2)
    busy = [connect(), connect()]
    for client in busy:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
    deadline = time.monotonic() + _LONG
    while True:  # until the server has seen both
        late = connect()
        late.settimeout(0.3)
        try:
            if _is_closed(late):
                break
        except TimeoutError:
            assert time.monotonic() < deadline
    for client in busy:
        client.sendall(b"b")
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
