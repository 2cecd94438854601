"""A real Label Studio as a process, a client for it, and an ear between it and the backend."""

import contextlib
import json
import os
import secrets
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, free_port, wait_for

#: Where exchanges are kept for the tests.
RECORDED = ROOT / "tests/service/label_studio"


@dataclass
class Recorder:
    """What Label Studio asked of the backend, in order."""

    exchanges: list[dict[str, Any]] = field(default_factory=list)

    def named(self, name: str) -> list[dict[str, Any]]:
        return [exchange for exchange in self.exchanges if exchange["path"].endswith(f"/{name}")]


@contextlib.contextmanager
def recording(port: int) -> Iterator[tuple[int, Recorder]]:
    """Stand between Label Studio and the server on `port`, pass everything on and write it down."""
    recorder = Recorder()

    class Handler(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {k: v for k, v in self.headers.items() if k.lower() in {"content-type", "authorization"}}
            status, answer = call(f"http://127.0.0.1:{port}{self.path}", body or None, headers, self.command)
            recorder.exchanges.append(
                {
                    "method": self.command,
                    "path": self.path,
                    "authorization": self.headers.get("Authorization", "").partition(" ")[0],
                    "request": json.loads(body) if body else None,
                    "status": status,
                    "answer": json.loads(answer),
                }
            )
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = _pass_on

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy.server_port, recorder
        proxy.shutdown()


def call(url: str, body: bytes | None, headers: dict[str, str], method: str) -> tuple[int, bytes]:
    request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310  # loopback
    try:
        with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310
            return response.status, response.read()
    except urllib.error.HTTPError as err:
        return err.code, err.read()


@dataclass(frozen=True)
class LabelStudio:
    """A running Label Studio and a token for it."""

    url: str
    token: str

    def ask(self, path: str, body: Any = None, method: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        status, answer = call(f"{self.url}/api/{path}", data, headers, method or ("GET" if data is None else "POST"))
        return status, json.loads(answer or "null")

    def get(self, path: str) -> Any:
        status, answer = self.ask(path)
        check(status == 200, f"GET {path} answers {status}")
        return answer

    def post(self, path: str, body: Any) -> Any:
        status, answer = self.ask(path, body)
        check(status in {200, 201}, f"POST {path} answers {status}: {answer}")
        return answer


@contextlib.contextmanager
def label_studio(program: Path, folder: Path) -> Iterator[LabelStudio]:
    """Start Label Studio on loopback with a database of its own, and stop it in the end."""
    token, port = secrets.token_hex(20), free_port()
    settings = {
        "BASE_DATA_DIR": str(folder),
        "USERNAME": "reader@localhost",
        "PASSWORD": secrets.token_hex(10),
        "USER_TOKEN": token,
        "ENABLE_LEGACY_API_TOKEN": "true",
        "DISABLE_SIGNUP_WITHOUT_LINK": "true",
        # The backend is on this machine; by default Label Studio calls none there.
        "ML_BLOCK_LOCAL_IP": "false",
        "SSRF_PROTECTION_ENABLED": "false",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "DEBUG": "false",
        # It reports its errors to its makers otherwise.
        "SENTRY_DSN": "",
    }
    command = [str(program), "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, **{f"LABEL_STUDIO_{name}": value for name, value in settings.items()}}
    with (
        open(folder / "log", "wb") as log,
        subprocess.Popen(
            [*command, "--enable-legacy-api-token"], env=environment, stdout=log, stderr=log, cwd=folder
        ) as process,
    ):
        try:
            # It makes its database first: a minute of one processor.
            wait_for(port, "/health", 900)
            yield LabelStudio(f"http://127.0.0.1:{port}", token)
        finally:
            process.terminate()
            process.wait(40)


def check(holds: bool, what: str) -> None:
    if not holds:
        raise SystemExit(f"failed: {what}")


def say(line: str) -> None:
    print(line, flush=True)
