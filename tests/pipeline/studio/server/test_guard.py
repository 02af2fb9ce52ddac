"""Who is let in, and what a browser is told to do with the answers."""

import asyncio

import pytest

from photodrag.pipeline.studio.server.guard import Access, Guard

ACCESS = Access("127.0.0.1", 8123)
HOST = "127.0.0.1:8123"
COOKIE = f"{ACCESS.cookie}={ACCESS.pass_key}"
MOST = 3 * 2**20


class Inner:
    """The studio behind the guard: notes what it gets, and answers with a page."""

    def __init__(self, answer=b"<script>a</script><p>hello"):
        self.seen, self.body, self.answer = [], b"", answer

    async def __call__(self, scope, receive, send):
        self.seen.append(scope)
        if scope["type"] != "http":
            return
        while True:
            message = await receive()
            self.body += message.get("body", b"")
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                break
        headers = [(b"content-type", b"text/html"), (b"server", b"secret/1.0")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self.answer[:5], "more_body": True})
        await send({"type": "http.response.body", "body": self.answer[5:]})


def ask(path="/", method="GET", access=ACCESS, kind="http", chunks=(b"",), query="", **headers):
    """Status, headers and body of the answer, and what came behind the guard."""
    headers = {"host": HOST, "cookie": COOKIE, **headers}
    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [
            (name.replace("_", "-").encode(), value.encode())
            for name, value in headers.items()
            if value is not None
        ],
    }
    sent = []
    left = list(chunks)

    async def receive():
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message):
        sent.append(message)

    inner = Inner()
    guard = Guard(inner, access, lambda path: MOST if path.endswith("/files") else 0)
    asyncio.run(guard(scope, receive, send))
    start = sent[0] if sent else {}
    found = {name.decode(): value.decode() for name, value in start.get("headers", ())}
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return start.get("status", start.get("code")), found, body, inner


def test_the_page_is_for_who_has_the_cookie():
    status, headers, body, inner = ask()
    assert status == 200
    assert b"hello" in body
    assert int(headers["content-length"]) == len(body)
    assert len(inner.seen) == 1


@pytest.mark.parametrize(
    "cookie",
    [
        *(None, "", "photodrag-8123=", "photodrag-8123=\xff", "=;=;"),
        *(f"photodrag-8124={ACCESS.pass_key}", f"photodrag-8123={ACCESS.token}"),
        *(f"photodrag-8123={ACCESS.pass_key}x", f"photodrag-8123={ACCESS.pass_key[:-1]}"),
    ],
    ids=range(9),
)
def test_nobody_else_is_let_in(cookie):
    status, headers, body, inner = ask(cookie=cookie)
    assert status == 403
    assert b"whole address" in body
    assert inner.seen == []
    assert "set-cookie" not in headers


def test_the_token_is_exchanged_for_a_cookie():
    status, headers, body, inner = ask(query=f"token={ACCESS.token}", cookie=None)
    assert status == 200
    assert headers["set-cookie"] == f"{COOKIE}; HttpOnly; SameSite=Strict; Path=/"
    assert ACCESS.token not in headers["set-cookie"] + body.decode()
    assert b'url=/"' in body
    assert headers["referrer-policy"] == "no-referrer"
    assert inner.seen == []
    assert ACCESS.url == f"http://{HOST}/?token={ACCESS.token}"
    assert ACCESS.token not in repr(ACCESS)
    assert ACCESS.pass_key not in repr(ACCESS)


@pytest.mark.parametrize("token", ["", "x", ACCESS.pass_key, ACCESS.token[:-1], "ü"], ids=range(5))
def test_a_wrong_token_gets_nothing(token):
    status, headers, _, inner = ask(query=f"token={token}", cookie=None)
    assert status == 403
    assert "set-cookie" not in headers
    assert inner.seen == []


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example:8123", "127.0.0.1", "127.0.0.1:80", "127.0.0.1.evil.example:8123"),
        *("[::1]:8123", "192.168.1.5:8123", "localhost", "", None, "127.0.0.1:8123:8123"),
        "a@127.0.0.1:8123",
    ],
)
def test_other_names_get_no_answer(host):
    for query in ("", f"token={ACCESS.token}"):
        status, headers, _, inner = ask(host=host, query=query)
        assert status == 421
        assert "set-cookie" not in headers
        assert inner.seen == []


def test_a_port_of_thousands_of_digits_is_another():
    assert ask(host="127.0.0.1:" + "8" * 5000)[0] == ask(host="127.0.0.1:8124")[0]


def test_localhost_is_this_machine():
    assert ask(host="localhost:8123")[0] == 200


def test_listening_everywhere_any_number_is_a_name_but_no_word():
    access = Access("0.0.0.0", 8123, pass_key=ACCESS.pass_key)
    for host, status in (("192.168.1.5:8123", 200), ("[fe80::1]:8123", 200), ("me.lan:8123", 421)):
        assert ask(host=host, access=access)[0] == status
    assert access.url.startswith("http://127.0.0.1:8123/")
    assert Access("::1", 80).url.startswith("http://[::1]:80/")


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "https://" + HOST])
def test_a_post_must_come_from_the_studios_page(origin):
    assert ask("/studio/k/files", "POST", origin=origin)[0] == 403
    assert ask("/studio/k/files", "POST", origin=f"http://{HOST}")[0] == 200


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://localhost:8123"])
def test_a_websocket_must_come_from_the_studios_page(origin):
    path = "/_nicegui_ws/socket.io"
    status, _, _, inner = ask(path, kind="websocket", origin=origin)
    assert status == 1008
    assert inner.seen == []
    assert len(ask(path, kind="websocket", origin=f"http://{HOST}")[3].seen) == 1


def test_a_websocket_needs_the_cookie():
    status, _, _, inner = ask("/_nicegui_ws/socket.io", kind="websocket", cookie=None)
    assert status == 1008
    assert inner.seen == []


def test_other_pages_cannot_load_anything_of_it():
    assert ask("/studio/k/picture", sec_fetch_site="cross-site")[0] == 403
    assert ask("/studio/k/picture", origin="http://evil.example")[0] == 403
    assert ask("/studio/k/picture", sec_fetch_site="same-origin")[0] == 200
    assert ask("/", sec_fetch_site="none")[0] == 200


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/etc/passwd", "//", "/x"])
def test_only_the_studios_paths_are_there(path):
    status, _, _, inner = ask(path)
    assert status == 404
    assert inner.seen == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused(method):
    assert ask("/", method, origin=f"http://{HOST}")[0] == 405


def test_bodies_are_bounded_by_what_they_say_and_by_what_they_are():
    own = {"origin": f"http://{HOST}"}
    assert ask("/studio/k/files", "POST", content_length=str(MOST + 1), **own)[0] == 413
    assert ask("/studio/k/other", "POST", content_length=str(MOST), **own)[0] == 413
    assert ask("/studio/k/files", "POST", content_length="-1", **own)[0] == 413
    whole = ask("/studio/k/files", "POST", chunks=[b"x" * MOST], **own)[3]
    assert len(whole.body) == MOST
    status, _, _, more = ask("/studio/k/files", "POST", chunks=[b"x" * MOST, b"y", b"z"], **own)
    assert (status, len(more.body)) == (413, MOST)


def test_a_browser_is_told_what_the_page_may_do():
    _, headers, body, _ = ask()
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert "unsafe" not in policy["script-src"]
    nonce = policy["script-src"].split("'nonce-")[1].split("'")[0]
    assert f'<script nonce="{nonce}">'.encode() in body
    assert policy["connect-src"] == f"'self' ws://{HOST}"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers
    assert ask()[1]["content-security-policy"] != headers["content-security-policy"]


def test_headers_that_stand_for_other_addresses_are_left_out():
    inner = ask(x_forwarded_prefix="/evil", x_forwarded_host="evil.example", accept="*/*")[3]
    names = {name for name, _ in inner.seen[0]["headers"]}
    assert names == {b"host", b"cookie", b"accept"}
