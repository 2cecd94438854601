"""`POST /feedback`, in the application and in the running service."""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from werkzeug.test import TestResponse

from benchmarks import harness
from classifier import Classifier
from classifier.errors import SettingError, StoreUnavailableError
from corrections import open_store
from service.app import create_app
from service.settings import Settings
from tests.conftest import MERIT

KEY, OTHER = "kunci", "kunci lain"
# The real server, with more patience than any pause of the machine takes.
PATIENT = "from corrections import database; database.PATIENCE_S = 20; from asn_themes import main; main()"
HASHES = tuple(sha256(key.encode()).hexdigest() for key in (KEY, OTHER))
BODY = {"text": MERIT, "theme": "merit", "verdict": "no", "model": "0123456789ab"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "feedback.db"


@pytest.fixture
def settings(settings: Settings, file: Path) -> Settings:
    return replace(settings, api_keys=HASHES, feedback=f"sqlite:///{file}", max_feedback=5)


def give(client: FlaskClient, name: str = "k1", key: str = KEY, **fields: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": name}
    return client.post("/feedback", json=BODY | fields, headers=headers)


def stored(file: Path) -> list[Any]:
    return open_store(f"sqlite:///{file}").read()


def test_a_correction_is_stored_with_who_gave_it(client: FlaskClient, file: Path) -> None:
    answer = give(client, note="Bukan seleksi", article="a1")

    (found,) = stored(file)
    assert answer.status_code == 201
    assert json.loads(answer.data) == {"id": found.receipt.id, "received": found.receipt.received}
    assert (found.giver, found.correction.text, found.correction.note) == (HASHES[0][:12], MERIT, "Bukan seleksi")


def test_feedback_is_off_unless_it_is_set(classifier: Classifier, settings: Settings) -> None:
    client = create_app(replace(settings, feedback=""), classifier).test_client()

    assert (give(client).status_code, json.loads(give(client).data)["type"]) == (
        403,
        "urn:asn-themes:problem:feedback-off",
    )
    assert json.loads(client.get("/limits").data)["feedback"] is None


def test_the_limits_tell_the_page_that_it_is_on(client: FlaskClient) -> None:
    assert json.loads(client.get("/limits").data)["feedback"] == {"max_note_chars": 1000, "max_a_day": 5}


def test_feedback_without_keys_does_not_start(classifier: Classifier, settings: Settings) -> None:
    with pytest.raises(SettingError, match="ASN_THEMES_API_KEYS"):
        create_app(replace(settings, api_keys=()), classifier)


def test_no_message_shows_the_password_of_the_store() -> None:
    assert "rahasia" not in repr(Settings(feedback="postgresql://u:rahasia@h/d"))


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer salah"}, {"X-Api-Key": "x"}, {"X-Api-Key": HASHES[0]}]
)
def test_nobody_without_a_key_gives_feedback(client: FlaskClient, file: Path, headers: dict[str, str]) -> None:
    answer = client.post(f"/feedback?key={KEY}", json=BODY, headers=headers | {"Idempotency-Key": "k1"})

    assert (answer.status_code, stored(file)) == (401, [])


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"text": None}, "/text"),
        ({"text": " 🙂 "}, "/text"),
        ({"text": "a\0b"}, "/text"),
        ({"text": "\ud800"}, "/text"),
        ({"theme": "cuaca"}, "/theme"),
        ({"theme": ["merit"]}, "/theme"),
        ({"verdict": "maybe"}, "/verdict"),
        ({"verdict": True}, "/verdict"),
        ({"model": "x" * 12}, "/model"),
        ({"model": "0" * 65}, "/model"),
        ({"model": None}, "/model"),
        ({"note": 1}, "/note"),
        ({"note": "x" * 1001}, "/note"),
        ({"note": "\0"}, "/note"),
        ({"article": {}}, "/article"),
        ({"giver": "saya"}, "/giver"),
    ],
)
def test_what_is_no_correction_is_refused_by_field(client: FlaskClient, fields: dict[str, Any], pointer: str) -> None:
    answer = give(client, **fields)

    assert (answer.status_code, json.loads(answer.data)["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize("name", ["", "a b", "é", "x" * 129])
def test_a_correction_needs_an_idempotency_key(client: FlaskClient, name: str) -> None:
    answer = give(client, name)

    assert (answer.status_code, json.loads(answer.data)["type"]) == (
        400,
        "urn:asn-themes:problem:idempotency-key-required",
    )


def test_the_same_key_gets_the_first_answer_and_never_one_for_another_body(client: FlaskClient, file: Path) -> None:
    first, again, other = give(client), give(client), give(client, verdict="yes")

    assert (first.data, first.status_code) == (again.data, again.status_code)
    assert (other.status_code, len(stored(file))) == (409, 1)


def test_a_key_has_its_quota_and_takes_nothing_from_others(client: FlaskClient) -> None:
    statuses = [give(client, f"k{n}").status_code for n in range(7)]
    refused = give(client, "k9")

    assert statuses == [201] * 5 + [429] * 2
    assert 0 < int(refused.headers["Retry-After"]) <= 86400
    assert give(client, "k9", OTHER).status_code == 201
    assert client.post("/classify", json={"text": MERIT}, headers={"X-Api-Key": KEY}).status_code == 200


def test_a_database_that_does_not_answer_is_a_503_that_can_be_tried_again(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailableError("store: down")

    monkeypatch.setattr(app.extensions["feedback"], "add", fail)
    answer = give(client)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.mimetype == "application/problem+json"


def test_a_database_that_is_down_at_the_start_keeps_nobody_from_classifying(
    classifier: Classifier, settings: Settings
) -> None:
    port = harness.free_port()
    client = create_app(replace(settings, feedback=f"postgresql://u@127.0.0.1:{port}/d"), classifier).test_client()

    assert give(client).status_code == 503
    assert client.post("/classify", json={"text": MERIT}, headers={"X-Api-Key": KEY}).status_code == 200


def test_corrections_are_counted_by_theme_and_verdict(client: FlaskClient) -> None:
    give(client, "k1")
    give(client, "k1")
    give(client, "k2", verdict="yes")
    give(client, "k3", theme="\n")

    found = client.get("/metrics", headers={"X-Api-Key": KEY}).text
    assert {line for line in found.splitlines() if line.startswith("asn_themes_feedback_total")} == {
        'asn_themes_feedback_total{theme="merit",verdict="no"} 1.0',
        'asn_themes_feedback_total{theme="merit",verdict="yes"} 1.0',
    }


def test_every_answer_is_as_the_contract_says(app: Flask) -> None:
    operation = schemathesis.openapi.from_wsgi("/openapi.json", app)["/feedback"]["POST"]

    @given(case=operation.as_strategy())
    @hypothesis_settings(max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck))
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {KEY}"})

    check()


@pytest.fixture
def server(model_path: Path, file: Path) -> Iterator[harness.Server]:
    settings = {"api_keys": ",".join(HASHES), "feedback": f"sqlite:///{file}", "max_feedback": 30}
    command = ("-c", PATIENT, "serve", "--model", str(model_path), "--port")
    with harness.serving(model_path, command, workers=2, **settings) as server:
        yield server


def ask(server: harness.Server, path: str, body: object, name: str = "k") -> int:
    data = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {name}\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    return harness.ask(server.port, head.encode() + data)[0]


def test_two_workers_share_quotas_and_keys(server: harness.Server, file: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        same = list(pool.map(lambda _: ask(server, "/feedback", BODY), range(24)))
        many = Counter(pool.map(lambda n: ask(server, "/feedback", BODY, f"k{n}"), range(50)))

    assert same == [201] * 24
    assert many == {201: 29, 429: 21}
    assert len(stored(file)) == 30


@pytest.mark.parametrize("path", ["/feedback", "/feedb%61ck"])
def test_while_the_database_is_locked_articles_are_classified_as_ever(
    server: harness.Server, file: Path, path: str
) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other, ThreadPoolExecutor(6) as pool:
        other.execute("BEGIN IMMEDIATE")
        held = [pool.submit(ask, server, path, BODY, f"k{n}") for n in range(6)]
        time.sleep(0.2)
        statuses = {ask(server, "/classify", {"text": MERIT}) for _ in range(20)}
        answered = [future for future in held if future.done()]
        other.execute("ROLLBACK")
        outcomes = {future.result() for future in held}

    assert (statuses, answered, outcomes) == ({200}, [], {201})


def test_no_more_wait_for_the_database_than_a_worker_holds(model_path: Path, file: Path) -> None:
    settings = {"api_keys": ",".join(HASHES), "feedback": f"sqlite:///{file}"}
    with (
        harness.serving(model_path, workers=1, **settings) as server,
        closing(sqlite3.connect(file, isolation_level=None)) as other,
        ThreadPoolExecutor(40) as pool,
    ):
        other.execute("BEGIN IMMEDIATE")
        start = time.monotonic()
        statuses = Counter(pool.map(lambda n: ask(server, "/feedback", BODY, f"k{n}"), range(40)))
        other.execute("ROLLBACK")

    assert statuses == {503: 40}
    # 32 that are told one by one, each after its 2 s, take a minute.
    assert time.monotonic() - start < 20


def test_notes_and_texts_are_never_logged(
    model_path: Path, file: Path, classifier: Classifier, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    import io

    log = io.StringIO()
    client = create_app(settings, classifier, log).test_client()
    give(client, note="catatan rahasia")
    give(client, note="catatan rahasia lain")
    file.write_bytes(b"broken")
    assert give(client, "k2", note="catatan rahasia").status_code == 503

    said = log.getvalue() + "".join(capfd.readouterr())
    assert '"status":201' in said.replace(" ", "")
    assert not any(word in said for word in ("rahasia", MERIT, KEY))
