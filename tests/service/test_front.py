import hashlib
import io
import json
import time
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from classifier import Classifier
from service.app import create_app
from service.front import SECURITY_HEADERS, SINCE
from service.settings import Settings
from tests.conftest import MERIT

KEY = "kunci-rahasia"


def client_with(settings: Settings, classifier: Classifier, **changes: object) -> FlaskClient:
    return create_app(replace(settings, **changes), classifier).test_client()


@pytest.fixture
def locked(settings: Settings, classifier: Classifier) -> FlaskClient:
    hashes = (hashlib.sha256(b"another").hexdigest(), hashlib.sha256(KEY.encode()).hexdigest())
    return client_with(settings, classifier, api_keys=hashes)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/livez"), ("GET", "/nix"), ("PUT", "/classify"), ("POST", "/classify")]
)
def test_every_answer_carries_the_security_headers_and_an_id(client: FlaskClient, method: str, path: str) -> None:
    headers = client.open(path, method=method).headers

    assert all(headers[name] == value for name, value in SECURITY_HEADERS)
    assert headers["X-Request-Id"]
    assert "Access-Control-Allow-Origin" not in headers


def test_a_client_may_choose_the_id_of_its_request_if_it_is_harmless(client: FlaskClient) -> None:
    assert client.get("/livez", headers={"X-Request-Id": "a-1.b_2"}).headers["X-Request-Id"] == "a-1.b_2"
    assert client.get("/livez", headers={"X-Request-Id": "a b\x1b[31m"}).headers["X-Request-Id"] != "a b\x1b[31m"


def test_a_problem_names_the_request_that_had_it(client: FlaskClient) -> None:
    answer = client.get("/nix")

    assert json.loads(answer.data)["instance"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200),
        ("127.0.0.1", 200),
        ("[::1]:80", 200),
        ("evil.example", 400),
        ("", 400),
        ("a]b", 400),
        ("[::1]evil.example", 400),
        ("localhost:@evil.example", 400),
        ("localhost:80:80", 400),
        ("localhost:80@evil.example", 400),
    ],
)
def test_only_allowed_host_names_are_served(client: FlaskClient, host: str, status: int) -> None:
    assert client.get("/themes", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        ("http://evil.example/themes", "localhost", 400),
        ("http://localhost@evil.example/themes", "localhost", 400),
        ("HTTP://LOCALHOST:8000/themes", "evil.example", 200),
        ("//evil.example/themes", "localhost", 200),
        ("*", "evil.example", 400),
    ],
)
def test_a_host_in_the_target_counts_instead_of_the_field(
    client: FlaskClient, target: str, host: str, status: int
) -> None:
    answer = client.get("/themes", headers={"Host": host}, environ_overrides={"RAW_URI": target})

    assert answer.status_code == status


def test_more_host_names_can_be_allowed(settings: Settings, classifier: Classifier) -> None:
    named = client_with(settings, classifier, allowed_hosts=("tema.example",))
    every = client_with(settings, classifier, allowed_hosts=("*",))

    assert named.get("/themes", headers={"Host": "Tema.Example:443"}).status_code == 200
    assert every.get("/themes", headers={"Host": "evil.example"}).status_code == 200


def test_probes_need_neither_name_nor_key(locked: FlaskClient) -> None:
    assert locked.get("/livez", headers={"Host": "10.0.0.7:8000"}).status_code == 200
    assert locked.get("/readyz", headers={"Host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": f"Bearer {KEY}"}, 200),
        ({"X-Api-Key": KEY}, 200),
        ({}, 401),
        ({"Authorization": f"Bearer {KEY}x"}, 401),
        ({"Authorization": f"Basic {KEY}"}, 401),
        ({"X-Api-Key": hashlib.sha256(KEY.encode()).hexdigest()}, 401),
    ],
)
def test_where_keys_are_set_one_must_be_shown(locked: FlaskClient, headers: dict[str, str], status: int) -> None:
    answer = locked.post("/classify", json={"text": MERIT}, headers=headers)

    assert answer.status_code == status
    assert status == 200 or answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer "}, {"Authorization": "Basic Og=="}, {"X-Api-Key": ""}]
)
def test_no_key_is_never_one_even_where_its_hash_is_set(
    settings: Settings, classifier: Classifier, headers: dict[str, str]
) -> None:
    client = client_with(settings, classifier, api_keys=(hashlib.sha256(b"").hexdigest(),))

    assert client.post("/classify", json={"text": MERIT}, headers=headers).status_code == 401


@pytest.mark.parametrize("path", ["/", "/openapi.json", "/limits", "/seeds", "/seeds/0"])
def test_what_the_page_shows_before_a_key_is_given_stays_open(locked: FlaskClient, path: str) -> None:
    assert locked.get(path).status_code == 200


def test_pages_of_other_sites_may_not_post(client: FlaskClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}

    assert client.post("/classify", data=MERIT, content_type="text/plain", headers=headers).status_code == 403


def test_the_log_is_one_json_object_a_request_and_holds_no_text(settings: Settings, classifier: Classifier) -> None:
    log = io.StringIO()
    client = create_app(settings, classifier, log).test_client()

    client.post("/classify", json={"text": MERIT + " rahasia"})
    client.get("/rahasia\n{}", headers={"User-Agent": "rahasia\x1b[0m"})

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line["method"], line["endpoint"], line["status"]) for line in lines] == [
        ("POST", "/classify", 200),
        ("GET", "none", 404),
    ]
    assert "rahasia" not in log.getvalue()


def test_the_time_that_a_request_has_waited_is_in_the_log(settings: Settings, classifier: Classifier) -> None:
    log = io.StringIO()
    create_app(settings, classifier, log).test_client().get("/livez", environ_overrides={SINCE: time.monotonic() - 2})

    assert json.loads(log.getvalue())["ms"] >= 2000
