import json

from flask.testing import FlaskClient

from tests.conftest import AWARDS, MERIT


def metrics(client: FlaskClient) -> list[str]:
    return client.get("/metrics").text.splitlines()


def test_what_is_answered_is_counted(client: FlaskClient) -> None:
    client.post("/classify", json={"documents": [{"text": MERIT}, {"text": AWARDS}]})
    client.post("/classify", data=b"{", content_type="application/json")
    found = metrics(client)

    assert 'asn_themes_requests_total{endpoint="/classify",status="200"} 1.0' in found
    assert 'asn_themes_requests_total{endpoint="/classify",status="400"} 1.0' in found
    assert "asn_themes_texts_total 2.0" in found
    assert 'asn_themes_decisions_total{decision="yes",theme="merit"} 1.0' in found
    assert 'asn_themes_score_count{theme="awards"} 2.0' in found


def test_a_histogram_has_each_score_in_its_bucket(client: FlaskClient) -> None:
    answer = json.loads(client.post("/classify", json={"text": MERIT}).data)
    bucket = -(-answer["scores"]["awards"] * 10 // 1) / 10
    found = metrics(client)

    assert f'asn_themes_score_bucket{{le="{bucket}",theme="awards"}} 1.0' in found
    assert f'asn_themes_score_sum{{theme="awards"}} {answer["scores"]["awards"]}' in found


def test_labels_are_bounded_whatever_is_asked(client: FlaskClient) -> None:
    for n in range(20):
        client.get(f"/nix/{n}")
        client.open("/themes", method=f"M{n}")

    endpoints = {line.split('endpoint="')[1].split('"')[0] for line in metrics(client) if 'endpoint="' in line}
    assert endpoints <= {"none", "/themes"}


def test_the_model_at_work_is_named(client: FlaskClient) -> None:
    version = json.loads(client.get("/readyz").data)["model"]

    assert f'asn_themes_model_info{{version="{version}"}} 1.0' in metrics(client)
