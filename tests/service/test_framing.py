import pytest

from service import framing

HEAD = b"POST / HTTP/1.1\r\n"


@pytest.mark.parametrize(
    ("fields", "body", "missing"),
    [
        (b"Content-Length: 5\r\n", b"ab", 3),
        (b"content-length:5\r\n", b"abcde", 0),
        (b"", b"", 0),
        (b"Content-Length: 11\r\n", b"", 0),
        (b"Content-Length: 5\r\nContent-Length: 5\r\n", b"", 0),
        (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"", 0),
        (b"Content-Length: +5\r\n", b"", 0),
        (b"Content-Length: 0000000000000000005\r\n", b"", 0),
    ],
)
def test_a_body_is_waited_for_only_where_its_length_is_beyond_doubt(fields: bytes, body: bytes, missing: int) -> None:
    arrived = bytearray(HEAD + fields + b"\r\n" + body)

    assert framing.missing(arrived, arrived.find(b"\r\n\r\n"), 10) == missing


@pytest.mark.parametrize(
    ("message", "rest"),
    [
        (HEAD + b"\r\n", b""),
        (HEAD + b"Content-Length: 2\r\n\r\nabGET", b"GET"),
        (HEAD + b"Content-Length: 5\r\n\r\nab", None),
        (HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nab", None),
        (HEAD + b"Content-Length: 000000000000000002\r\n\r\nabGET", b"GET"),
        (HEAD + b"Content-Length: 0000000000000000002\r\n\r\nabGET", None),
        (HEAD + b"Content-Length: +2\r\n\r\nabGET", None),
        (HEAD + b"Content-Length: \r\n\r\nGET", None),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", None),
        (HEAD, None),
    ],
)
def test_what_follows_a_request_is_kept_only_where_its_end_is_beyond_doubt(message: bytes, rest: bytes | None) -> None:
    assert framing.rest(bytearray(message)) == rest


@pytest.mark.parametrize(
    ("line", "writes"),
    [
        (b"POST /feedback HTTP/1.1", True),
        (b"POST /feedback?a=b HTTP/1.1", True),
        (b"POST http://localhost/feedback HTTP/1.1", True),
        (b"POST /feedback#x HTTP/1.1", True),
        (b"POST /feedb%61ck HTTP/1.1", True),
        (b"POST %2Ffeedback HTTP/1.1", True),
        (b"\r\nPOST /feedback HTTP/1.1", True),
        (b"GET /feedback HTTP/1.1", False),
        (b"POST /classify?/feedback HTTP/1.1", False),
        (b"POST /classify HTTP/1.1", False),
        (b"POST /classify HTTP/1.1\r\nX: POST /feedback ", False),
    ],
)
def test_a_request_that_writes_to_a_database_is_known_by_its_line(line: bytes, writes: bool) -> None:
    assert framing.writes(bytearray(line + b"\r\n\r\n")) is writes
