"""The client, against a server that answers as Label Studio does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from classifier.errors import InputRejectedError, SettingError
from training.labelstudio import TOKEN, URL, LabelStudio

LEGACY = "0123456789abcdef"
JWT = "eyJh.eyJi.c2ln"
EXPORT = b'[{"id":1}]'


class Studio(ThreadingHTTPServer):
    """Answers for project 1; remembers what it was sent."""

    # Joined when it closes: threads that nobody waits for may outlive the test.
    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Studio

    def do_GET(self) -> None:
        authorization = self.headers.get("Authorization", "")
        self.server.seen.append((self.path, authorization))
        if self.path.startswith("/api/projects/1/"):
            known = authorization in {f"Token {LEGACY}", "Bearer short"}
            self._send(200 if known else 401, EXPORT)
        elif self.path.startswith("/api/projects/2/"):
            self._send(302, b"", f"{self.server.url}/elsewhere")
        else:
            self._send(404, b"{}")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._send(200, b'{"access":"short"}' if body == {"refresh": JWT} else b"[]")

    def _send(self, status: int, body: bytes, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def studio() -> Iterator[Studio]:
    with Studio() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("token", [LEGACY, JWT])
def test_both_kinds_of_token_open_the_export(studio: Studio, token: str) -> None:
    assert LabelStudio.from_environment({URL: f"{studio.url}/", TOKEN: token}).export(1) == EXPORT
    assert studio.seen[-1][0] == "/api/projects/1/export?exportType=JSON"


@pytest.mark.parametrize(
    ("project", "token", "message"),
    [
        (1, "wrong", f"401; set {TOKEN}"),
        (1, "a.b.c", "no access"),
        (3, LEGACY, "404; name a project"),
        (2, LEGACY, "302"),
    ],
)
def test_a_refusal_says_what_to_do_and_never_the_token(studio: Studio, project: int, token: str, message: str) -> None:
    with pytest.raises(InputRejectedError, match=message) as caught:
        LabelStudio(studio.url, token).export(project)
    assert token not in str(caught.value)


def test_the_token_goes_to_no_other_address(studio: Studio) -> None:
    with pytest.raises(InputRejectedError):
        LabelStudio(studio.url, LEGACY).export(2)
    assert [path for path, _ in studio.seen] == ["/api/projects/2/export?exportType=JSON"]


def test_an_export_that_is_too_long_is_not_read_to_its_end(studio: Studio) -> None:
    with pytest.raises(InputRejectedError, match="over 9 bytes"):
        LabelStudio(studio.url, LEGACY).export(1, max_bytes=9)


def test_a_label_studio_that_is_not_there_is_told() -> None:
    with pytest.raises(InputRejectedError, match="can't be asked"):
        LabelStudio("http://127.0.0.1:9", LEGACY).export(1)


@pytest.mark.parametrize("url", ["", "localhost:8080", "file:///etc/passwd", "ftp://x/", "http://"])
def test_an_address_has_to_be_one(url: str) -> None:
    with pytest.raises(SettingError, match=URL):
        LabelStudio.from_environment({URL: url, TOKEN: LEGACY})


@pytest.mark.parametrize("token", ["", "a\r\nX: y", "kunci-ä"])
def test_a_token_has_to_fit_in_a_header_and_is_not_shown(token: str) -> None:
    with pytest.raises(SettingError, match=TOKEN) as caught:
        LabelStudio.from_environment({URL: "http://localhost", TOKEN: token})
    assert not token or token not in str(caught.value)
    assert LEGACY not in repr(LabelStudio("http://localhost", LEGACY))
