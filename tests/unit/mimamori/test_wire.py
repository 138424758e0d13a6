"""The served dashboard, asked byte by byte as no browser asks: two lengths, chunks, half requests, forged headers."""

import contextlib
import socket
import threading
import time

import pytest
import uvicorn

from governance.workspace import Workspace
from mimamori import patience, serving
from mimamori.serving import AT_ONCE, Terms

PATIENCE = 0.5


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """Port of a server that waits half a second for a request."""
    workspace = Workspace.create(tmp_path_factory.mktemp("wire") / "workspace")
    terms = Terms("127.0.0.1", 0)
    with pytest.MonkeyPatch.context() as patch, serving.listening("127.0.0.1", 0) as listener:
        patch.setattr(patience, "REQUEST_SECONDS", PATIENCE)
        server = uvicorn.Server(uvicorn.Config(serving.application(workspace, terms), **serving.options(terms)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(20)


def connected(port):
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def sent(port, *parts):
    """All that is answered to these bytes until the server closes the connection."""
    answer = b""
    with connected(port) as one, contextlib.suppress(ConnectionError):  # what is refused need not be taken whole
        for part in parts:
            one.sendall(part)
        while piece := one.recv(65536):
            answer += piece
    return answer


def request(method="GET", path="/approvals", *headers, body=b"", host="localhost"):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def status(answer):
    return int(answer.split(b" ", 2)[1])


def test_a_plain_request_is_answered(port):
    assert status(sent(port, request())) == 200


SMUGGLED = b"GET /approvals HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (["Content-Length: 4", "Content-Length: 44"], b"x=1&" + SMUGGLED),
        (["Content-Length: 44, 4"], b"x=1&" + SMUGGLED),
        (["Content-Length: +4"], b"x=1&" + SMUGGLED),
        (["Content-Length: 4", "Transfer-Encoding: chunked"], b"0\r\n\r\n" + SMUGGLED),
        (["Transfer-Encoding: chunked"], b"0\r\n\r\n" + SMUGGLED),
        (["Transfer-Encoding: xchunked"], b"0\r\n\r\n" + SMUGGLED),
        (["Transfer-Encoding : chunked"], b"0\r\n\r\n" + SMUGGLED),
        (["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], b"0\r\n\r\n" + SMUGGLED),
        (["Content-Length: 4", "X: a\n b\r\rGET / HTTP/1.1"], b"x=1&"),
    ],
)
def test_a_request_of_doubtful_length_is_refused_and_nothing_after_it_answered(port, headers, body):
    answer = sent(port, request("POST", "/reviews/sample", *headers, body=body))
    assert status(answer) in (400, 413, 501)
    assert answer.count(b"HTTP/1.1 ") == 1


def test_what_is_too_large_is_refused_before_it_is_sent(port):
    answer = sent(port, request("POST", "/reviews/sample", "Content-Length: 2000001"))
    assert status(answer) == 413


def test_headers_without_end_are_refused(port):
    answer = sent(port, request("GET", "/approvals", "X: " + "x" * 600_000))
    assert answer == b"" or status(answer) == 400


@pytest.mark.parametrize(
    "path", ["http://example.org/approvals", "//example.org/approvals", "/approvals HTTP/1.1 x", "*"]
)
def test_an_address_of_another_place_leads_nowhere(port, path):
    answer = sent(port, request("GET", path))
    assert status(answer) in (400, 404)
    assert b"\r\nlocation:" not in answer.lower()


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "PROPFIND"])
def test_other_methods_are_not_taken(port, method):
    answer = sent(port, request(method))
    assert status(answer) in (404, 405)
    assert b"<table" not in answer


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override: POST", "X-Method-Override: POST", "X-HTTP-Method: POST"])
def test_a_method_is_not_overridden(port, header):
    assert status(sent(port, request("GET", "/log/verification", header))) == 405


@pytest.mark.parametrize(
    "name", ["X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Forwarded-For", "X-Original-URL"]
)
def test_what_a_proxy_would_say_is_not_believed(port, name):
    plain = sent(port, request("GET", "/flags/none"))
    said = sent(port, request("GET", "/flags/none", f"{name}: example.org"))
    assert b"example.org" not in said
    assert status(said) == status(plain)


def test_another_host_is_refused_however_it_is_said(port):
    assert status(sent(port, request(host="example.org"))) == 421
    assert status(sent(port, request("GET", "/approvals", "X-Forwarded-Host: localhost", host="example.org"))) == 421
    assert status(sent(port, request("GET", "/approvals", "Host: example.org"))) == 400


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [b"GET / HTTP/1.1\r\nHost: loc"],
        [request("POST", "/reviews/sample", "Content-Length: 100"), b"a="],
        [
            b"GET /approvals HTTP/1.1\r\nHost: localhost\r\n\r\n"
            + request("POST", "/log/verification", "Content-Length: 9")
        ],
    ],
)
def test_a_request_that_does_not_come_to_its_end_is_not_waited_for(port, parts):
    begin = time.monotonic()
    sent(port, *parts)
    assert time.monotonic() - begin < 15  # the connection ended by itself


def drip(port):
    """Send a byte now and then, until the server has enough."""
    with connected(port) as one:
        for _ in range(200):
            one.sendall(b"x")
            time.sleep(PATIENCE / 5)


def test_a_byte_now_and_then_does_not_keep_a_connection_open(port):
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        drip(port)


def test_connections_on_which_nothing_comes_do_not_keep_others_out(port):
    idle = [connected(port) for _ in range(AT_ONCE)]
    try:
        deadline = time.monotonic() + 30
        while status(sent(port, request())) != 200:
            assert time.monotonic() < deadline
            time.sleep(PATIENCE)
    finally:
        for one in idle:
            one.close()


def test_a_request_sent_in_pieces_is_answered(port):
    whole = request()
    assert status(sent(port, whole[:10], whole[10:30], whole[30:])) == 200
