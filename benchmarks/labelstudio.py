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
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, serving
from benchmarks.studio import RECORDED, LabelStudio, Recorder, call, check, label_studio, recording, say
from classifier import Classifier
from classifier.model import BOILERPLATE
from training.labels import read_jsonl

MODEL = ROOT / "model.npz"
CONFIG = (ROOT / "docs/label-studio.xml").read_text(encoding="utf-8")
#: Made up for this, none stands in labels/: texts and what a reader says of them.
READ = {
    "Sekda mengingatkan seluruh ASN agar menjaga netralitas selama kampanye pilkada dan tidak berfoto dengan calon.":
        ["neutrality"],
    "Wali kota melantik empat belas kepala bagian hasil uji kompetensi dan seleksi terbuka di aula balai kota.":
        ["merit"],
    "Penyidik menahan mantan kepala dinas karena meminta uang setoran dari pegawai yang ingin naik jabatan.":
        ["integrity"],
    "Tunjangan kinerja pegawai tahun depan dihitung dari capaian sasaran kerja yang dinilai setiap triwulan.":
        ["performance"],
    "Kabupaten itu menerima Anugerah Meritokrasi dari pemerintah pusat untuk ketiga kalinya secara berturut-turut.":
        ["awards"],
    "Hujan lebat semalam merendam sejumlah ruas jalan di kawasan pasar induk sehingga pedagang terlambat buka. 🌧️":
        [],
    "🎉 Selain penghargaan, bupati menegaskan promosi camat tahun ini murni berdasarkan kinerja, bukan titipan.":
        ["merit", "performance", "awards"],
    "Baca juga: Resep kue lapis legit untuk akhir pekan":
        [BOILERPLATE],
}  # fmt: skip
#: The reader skips this one.
SKIPPED = next(iter(READ))


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


def annotate(studio: LabelStudio, project: int) -> None:
    """Answer every task as a reader would, and skip one."""
    for task in studio.get(f"tasks?project={project}&fields=all")["tasks"]:
        text = task["data"]["text"]
        chosen = {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": READ[text]}}
        body = {"result": [chosen] if READ[text] else [], "was_cancelled": text == SKIPPED, "lead_time": 3.25}
        studio.post(f"tasks/{task['id']}/annotations", body)
    say(f"annotated: {len(READ) - 1} tasks, 1 skipped")


def ask_for_training(studio: LabelStudio, backend: int, jobs: Path, project: int) -> None:
    studio.post(f"ml/{backend}/train", {})
    (job,) = jobs.glob("*.json")
    check(json.loads(job.read_text())["project"] == project, "the job is for another project")
    say(f"training asked for: {job.name}")


def take_in(exported: Path, folder: Path) -> None:
    """Import an export into a copy of the labels, and compare with what the reader said."""
    labels = folder / "labels"
    shutil.copytree(ROOT / "labels", labels)
    verb(("labels", "import", str(exported), "--labels", str(labels), "--name", "mine"), {}, {0})
    rows = [row for row, _ in read_jsonl(labels / "paragraphs" / "mine.jsonl")]
    found = {row["text"]: row["labels"] or [BOILERPLATE] * row["boilerplate"] for row in rows}
    check(found == {text: said for text, said in READ.items() if text != SKIPPED}, "the import has other labels")
    say(f"imported: {exported.name} gives {len(found)} records with the reader's labels")


def retrain(studio: LabelStudio, folder: Path, port: int) -> None:
    """Do the job as an operator would: the service takes up what is published."""
    environment = {"ASN_THEMES_LABEL_STUDIO_URL": studio.url, "ASN_THEMES_LABEL_STUDIO_TOKEN": studio.token}
    before = version_at(port)
    options = ("--jobs", str(folder / "jobs"), "--model", str(folder / "model.npz"))
    code, said = verb(("labels", "retrain", *options), environment, {0, 3})
    check(code == 0 or "is not published" in said, f"retraining ends with {said[-500:]}")
    check(studio.token not in said, "the token is told")
    check(not list((folder / "jobs").glob("project-*.json")), "the job is still there")
    time.sleep(2)
    check((version_at(port) != before) == (code == 0), "the service has the wrong model")
    say(f"retrained: {said.strip().splitlines()[-1]}")


def version_at(port: int) -> str:
    return str(json.loads(call(f"http://127.0.0.1:{port}/readyz", None, {}, "GET")[1])["model"])


def verb(arguments: tuple[str, ...], environment: dict[str, str], codes: set[int]) -> tuple[int, str]:
    command = [sys.executable, str(ROOT / "asn_themes.py"), *arguments]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, cwd=ROOT, check=False)
    check(done.returncode in codes, f"{arguments[:2]} ends with {done.returncode}: {done.stderr[-500:]}")
    return done.returncode, done.stdout + done.stderr


def run(program: Path, record: bool) -> None:
    key = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="label-studio-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        (folder / "studio").mkdir()
        model = Path(shutil.copy(MODEL, folder / "model.npz"))
        started = time.monotonic()
        studio = stack.enter_context(label_studio(program, folder / "studio"))
        say(f"started: Label Studio {studio.get('version')['release']} in {time.monotonic() - started:.0f} s")
        keys = hashlib.sha256(key.encode()).hexdigest()
        server = stack.enter_context(serving(model, api_keys=keys, jobs=folder / "jobs"))
        port, recorder = stack.enter_context(recording(server.port))
        project = studio.post("projects", {"title": "Tema ASN", "label_config": CONFIG})["id"]
        studio.post(f"projects/{project}/import", [{"text": text} for text in READ])
        backend = attach(studio, project, f"http://127.0.0.1:{port}/label-studio", key)
        predict(studio, project, Classifier.load(model))
        annotate(studio, project)
        for kind in ("JSON", "JSON_MIN"):
            exported = studio.get(f"projects/{project}/export?exportType={kind}")
            (folder / f"{kind}.json").write_text(json.dumps(exported), encoding="utf-8")
        take_in(folder / "JSON.json", folder)
        ask_for_training(studio, backend, folder / "jobs", project)
        if record:
            keep(recorder, {kind: folder / f"{kind}.json" for kind in ("JSON", "JSON_MIN")}, (key, studio.token))
        retrain(studio, folder, server.port)


def keep(recorder: Recorder, exports: dict[str, Path], secret: tuple[str, ...]) -> None:
    """Store one exchange of each kind, and the exports."""
    RECORDED.mkdir(exist_ok=True)
    kinds: dict[str, Any] = {f"export_{kind.lower()}": json.loads(path.read_bytes()) for kind, path in exports.items()}
    for exchange in recorder.exchanges:
        action = (exchange["request"] or {}).get("action", "")
        refused = "_refused" if exchange["status"] == 401 else ""
        kinds[exchange["path"].rpartition("/")[2] + (f"_{action.lower()}" if action else "") + refused] = exchange
    for name, value in kinds.items():
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
