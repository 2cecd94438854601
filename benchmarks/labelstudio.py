"""The backend behind a real Label Studio: attach, predict, annotate, export, import, train; then everything ends.

`python -m benchmarks.labelstudio LABEL_STUDIO [--record]`; `make label-studio` installs it first.  With --record, the
requests that Label Studio sent are stored, without keys and tokens, for tests/service/test_labelstudio.py.
"""

import argparse
import contextlib
import hashlib
import json
import os
import re
import secrets
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, free_port, serving, wait_for
from classifier import Classifier
from classifier.model import BOILERPLATE

RECORDED = ROOT / "tests/service/label_studio"
MODEL = ROOT / "model.npz"
CONFIG = (ROOT / "docs/label-studio.xml").read_text(encoding="utf-8")
#: Made up for this; none stands in labels/.
TEXTS = (
    "Sekda mengingatkan seluruh ASN agar menjaga netralitas selama kampanye pilkada dan tidak berfoto dengan calon.",
    "Wali kota melantik empat belas kepala bagian hasil uji kompetensi dan seleksi terbuka di aula balai kota.",
    "Penyidik menahan mantan kepala dinas karena meminta uang setoran dari pegawai yang ingin naik jabatan.",
    "Tunjangan kinerja pegawai tahun depan dihitung dari capaian sasaran kerja yang dinilai setiap triwulan.",
    "Kabupaten itu menerima Anugerah Meritokrasi dari pemerintah pusat untuk ketiga kalinya secara berturut-turut.",
    "Hujan lebat semalam merendam sejumlah ruas jalan di kawasan pasar induk sehingga pedagang terlambat buka. 🌧️",
    "🎉 Selain penghargaan, bupati menegaskan promosi camat tahun ini murni berdasarkan kinerja, bukan titipan.",
    "Baca juga: Resep kue lapis legit untuk akhir pekan",
)


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
            wait_for(port, "/health")
            yield LabelStudio(f"http://127.0.0.1:{port}", token)
        finally:
            process.terminate()
            process.wait(40)


def check(holds: bool, what: str) -> None:
    if not holds:
        raise SystemExit(f"failed: {what}")


def say(line: str) -> None:
    print(line, flush=True)


def attach(studio: LabelStudio, project: int, url: str, key: str) -> int:
    backend = {
        "project": project,
        "url": url,
        "title": "asn-themes",
        "auth_method": "BASIC_AUTH",
        "basic_auth_user": "x",
    }
    status, _ = studio.ask("ml", {**backend, "basic_auth_pass": "wrong"})
    check(status == 400, f"a backend with a wrong key is attached: {status}")
    found = studio.post("ml", {**backend, "basic_auth_pass": key})
    check(found["state"] == "CO", f"the backend is {found['state']}, not connected")
    say(f"attached: connected, model version {found['model_version']}")
    return int(found["id"])


def predict(studio: LabelStudio, project: int, classifier: Classifier) -> None:
    """Let Label Studio fetch predictions, and compare what it shows with what the classifier says."""
    action = f"dm/actions?id=retrieve_tasks_predictions&project={project}"
    studio.post(action, {"selectedItems": {"all": True, "excluded": []}})
    tasks = studio.get(f"tasks?project={project}&fields=all")["tasks"]
    for task in tasks:
        (shown,) = task["predictions"]
        choices = [set(r["value"]["choices"]) for r in shown["result"] if r["type"] == "choices"]
        expected = classifier.classify(task["data"]["text"])
        themes = set(expected.themes) or ({BOILERPLATE} if expected.empty else set())
        check(choices == ([themes] if themes else []), f"task {task['id']} shows {choices}, not {themes}")
        check(shown["model_version"] == classifier.short_version, "a prediction has another version")
        for span in (r["value"] for r in shown["result"] if r["type"] == "labels"):
            check(
                task["data"]["text"][span["start"] : span["end"]] == span["text"], "a span is not where its words are"
            )
    spans = sum(r["type"] == "labels" for task in tasks for r in task["predictions"][0]["result"])
    say(f"predicted: {len(tasks)} tasks show the model's themes, {spans} spans of evidence lie on their words")


def annotate(studio: LabelStudio, project: int) -> int:
    """Accept every prediction but two: one task is skipped, one has no theme."""
    tasks = studio.get(f"tasks?project={project}&fields=all")["tasks"]
    for number, task in enumerate(tasks):
        result = [] if number == 5 else task["predictions"][0]["result"]
        body = {"result": result, "was_cancelled": number == 0, "lead_time": 3.25}
        studio.post(f"tasks/{task['id']}/annotations", body)
    say(f"annotated: {len(tasks) - 1} tasks, 1 skipped")
    return len(tasks)


def ask_for_training(studio: LabelStudio, backend: int, jobs: Path, project: int) -> None:
    studio.post(f"ml/{backend}/train", {})
    (job,) = jobs.glob("*.json")
    check(json.loads(job.read_text())["project"] == project, "the job is for another project")
    say(f"training asked for: {job.name}")


def run(program: Path, record: bool) -> None:
    key = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="label-studio-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        (folder / "studio").mkdir()
        started = time.monotonic()
        studio = stack.enter_context(label_studio(program, folder / "studio"))
        say(f"started: Label Studio {studio.get('version')['release']} in {time.monotonic() - started:.0f} s")
        keys = hashlib.sha256(key.encode()).hexdigest()
        server = stack.enter_context(serving(MODEL, api_keys=keys, jobs=folder / "jobs"))
        port, recorder = stack.enter_context(recording(server.port))
        project = studio.post("projects", {"title": "Tema ASN", "label_config": CONFIG})["id"]
        studio.post(f"projects/{project}/import", [{"text": text} for text in TEXTS])
        backend = attach(studio, project, f"http://127.0.0.1:{port}/label-studio", key)
        predict(studio, project, Classifier.load(MODEL))
        annotate(studio, project)
        ask_for_training(studio, backend, folder / "jobs", project)
        exported = studio.get(f"projects/{project}/export?exportType=JSON")
        if record:
            keep(recorder, exported, (key, studio.token))


def keep(recorder: Recorder, exported: Any, secret: tuple[str, ...]) -> None:
    """Store one exchange of each kind, and the export."""
    RECORDED.mkdir(exist_ok=True)
    kinds = {}
    for exchange in recorder.exchanges:
        action = (exchange["request"] or {}).get("action", "")
        wrong = "_refused" if exchange["status"] == 401 else ""
        kinds[exchange["path"].rpartition("/")[2] + (f"_{action.lower()}" if action else "") + wrong] = exchange
    for name, value in {**kinds, "export": exported}.items():
        text = json.dumps(scrubbed(value), ensure_ascii=False, indent=1) + "\n"
        check(not any(word in text for word in secret), "a secret would be stored")
        (RECORDED / f"{name}.json").write_text(text, encoding="utf-8")


def scrubbed(value: Any) -> Any:
    """Return `value` without what is secret or of this machine alone."""
    if isinstance(value, dict):
        return {
            k: "…" if k in {"access_token", "token", "avatar", "email", "hostname"} else scrubbed(v)
            for k, v in value.items()
        }
    if isinstance(value, list):
        return [scrubbed(item) for item in value]
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1", value) if isinstance(value, str) else value


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path, help="Label Studio's command")
    parser.add_argument("--record", action="store_true", help="store what Label Studio sent")
    given = parser.parse_args()
    run(given.program.absolute(), given.record)
