"""The service as it is shipped: a real gunicorn process."""

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from classifier import Classifier
from tests.conftest import MERIT, ROOT

COMMAND = [sys.executable, str(ROOT / "asn_themes.py"), "serve"]


def free_port() -> int:
    with contextlib.closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def port(model_path: Path) -> Iterator[int]:
    port = free_port()
    with subprocess.Popen(
        [*COMMAND, "--port", str(port), "--model", str(model_path)], stdout=subprocess.DEVNULL
    ) as server:
        try:
            wait_for(port)
            yield port
        finally:
            server.terminate()
        assert server.wait(20) == 0


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if request(port, "GET", "/readyz")[0] == 200:
                return
        time.sleep(0.05)
    raise AssertionError("the server did not become ready")


def request(
    port: int, method: str, path: str, body: str | None = None, media_type: str = "text/plain"
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {"Content-Type": media_type} if body is not None else {}
        connection.request(method, path, body.encode() if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_the_running_service_gives_the_classifiers_answer(port: int, classifier: Classifier) -> None:
    status, body = request(port, "POST", "/classify", MERIT)

    assert status == 200
    assert classifier.classify(MERIT).to_json() == json.loads(body)


def test_a_chunked_body_is_never_answered_200(port: int) -> None:
    with contextlib.closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as connection:
        connection.sendall(
            b"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b'Connection: close\r\n\r\n0c\r\n{"text":"a"}\r\n0\r\n\r\n'
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 411")


def test_a_model_that_is_not_one_stops_the_start_with_exit_4(tmp_path: Path) -> None:
    bad = tmp_path / "model.npz"
    bad.write_bytes(b"no model")

    done = subprocess.run(
        [*COMMAND, "--model", str(bad), "--port", "0"], capture_output=True, text=True, timeout=30, check=False
    )

    assert done.returncode == 4
    assert done.stderr.startswith("error[model-rejected]: ")
    assert done.stderr.count("\n") == 1
