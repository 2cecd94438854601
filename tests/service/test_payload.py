import json
import sys
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.payload import parse_json
from tests.conftest import AWARDS, MERIT


def post(client: FlaskClient, body: bytes | str, media_type: str = "application/json") -> tuple[int, dict[str, Any]]:
    # The test client states no length for an empty body; a real client does.
    length = {"CONTENT_LENGTH": str(len(body))} if not body else {}
    answer = client.post("/classify", data=body, content_type=media_type, environ_overrides=length)
    return answer.status_code, json.loads(answer.data)


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b"", 400, "malformed-json"),
        (b'{"text":', 400, "malformed-json"),
        (b'{"text":"a"} x', 400, "malformed-json"),
        (b'{"text":"a"}{"text":"a"}', 400, "malformed-json"),
        (b'{"text":"\x01"}', 400, "malformed-json"),
        (b'{"text":"\xff\xfe"}', 400, "invalid-utf8"),
        (b'{"text":"\xed\xa0\x80"}', 400, "invalid-utf8"),
        ('{"text":"a"}'.encode("utf-16"), 400, "invalid-utf8"),
        (b'\xef\xbb\xbf{"text":"a"}', 400, "malformed-json"),
        (b'{"text":"a","text":"b"}', 400, "duplicate-key"),
        (b'{"text":"a","te\\u0078t":"b"}', 400, "duplicate-key"),
        (b'{"text":"a","x":NaN}', 400, "bad-number"),
        (b'{"text":"a","x":-Infinity}', 400, "bad-number"),
        (b'{"text":"a","x":1e999}', 400, "bad-number"),
        (b'{"text":"a","x":' + b"9" * 5000 + b"}", 400, "bad-number"),
        (b"[" * 17 + b"]" * 17, 400, "too-deep"),
        (b"[" * 9000, 400, "too-deep"),
        (b'{"text":"a","x":' + b'{"a":' * 16 + b"1" + b"}" * 17, 400, "too-deep"),
        (b'{"text":"a","html":"b"}', 422, "invalid-document"),
        (b'{"html":7}', 422, "invalid-document"),
        (b'{"a":' * 3000, 400, "too-deep"),
        (b"[]", 422, "invalid-document"),
        (b"null", 422, "invalid-document"),
        (b'"text"', 422, "invalid-document"),
        (b"{}", 422, "invalid-document"),
        (b'{"text":null}', 422, "invalid-document"),
        (b'{"text":["a"]}', 422, "invalid-document"),
        (b'{"text":"a","id":7}', 422, "invalid-document"),
        (b'{"text":"a","explain":"yes"}', 422, "invalid-document"),
        (b'{"text":"a","colour":"red"}', 422, "invalid-document"),
        (b'{"text":"\\ud800"}', 422, "invalid-document"),
        (b'{"text":"a","\\ud800":1}', 422, "invalid-document"),
        (b'{"documents":{}}', 422, "invalid-document"),
        (b'{"documents":[1]}', 422, "invalid-document"),
        (b'{"documents":[],"text":"a"}', 422, "invalid-document"),
        (json.dumps({"documents": [{"text": "a"}] * 4}).encode(), 413, "too-many-documents"),
        (json.dumps({"text": "a" * 2001}).encode(), 413, "text-too-long"),
        (json.dumps({"text": "a" * 20_000}).encode(), 413, "body-too-large"),
    ],
)
def test_a_body_that_is_not_understood_is_refused_by_kind(
    client: FlaskClient, body: bytes, status: int, slug: str
) -> None:
    found, problem = post(client, body)

    assert (status, f"urn:asn-themes:problem:{slug}") == (found, problem["type"])
    assert problem["status"] == status


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"text": 1, "x": 2, "id": 3}, {"/text", "/x", "/id"}),
        ({"documents": [{"text": "a"}, {"text": 1}]}, {"/documents/1/text"}),
        ({"text": "a", "a/b~c": 1}, {"/a~1b~0c"}),
    ],
)
def test_every_field_at_fault_is_pointed_at(client: FlaskClient, body: dict[str, Any], pointers: set[str]) -> None:
    _, problem = post(client, json.dumps(body))

    assert pointers == {error["pointer"] for error in problem["errors"]}


@pytest.mark.parametrize(
    "secret", ['{"text":"rahasia negara', '{"text":["rahasia negara"]}', '{"text":5,"id":"rahasia negara"}']
)
def test_an_error_never_repeats_the_text(client: FlaskClient, secret: str) -> None:
    assert b"rahasia" not in client.post("/classify", data=secret, content_type="application/json").data


@pytest.mark.parametrize(
    "media_type",
    # What asks to be unpickled is one more type that is refused unread.
    ["application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "text/css",
     "application/json; charset=utf-7", "text/plain; charset=latin1", "application/vnd.x+pickle", ""],
)  # fmt: skip
def test_other_media_types_and_charsets_are_refused(client: FlaskClient, media_type: str) -> None:
    assert post(client, b'{"text":"a"}', media_type)[0] == 415


def test_a_body_without_a_length_is_refused_unread(client: FlaskClient) -> None:
    answer = client.post("/classify", headers={"Transfer-Encoding": "chunked"}, content_type="application/json")

    assert answer.status_code == 411


def test_text_and_json_bodies_have_one_meaning(client: FlaskClient) -> None:
    assert post(client, MERIT, "text/plain")[1] == post(client, json.dumps({"text": MERIT}))[1]


def test_a_string_may_hold_brackets_and_quotes_without_end(client: FlaskClient) -> None:
    assert post(client, json.dumps({"text": '[{"\\' * 300}))[0] == 200


def test_several_documents_are_answered_in_order_with_their_ids(client: FlaskClient) -> None:
    status, answer = post(
        client, json.dumps({"documents": [{"text": MERIT, "id": "7"}, {"text": "", "title": AWARDS}]})
    )

    assert status == 200
    assert [result["id"] for result in answer["results"]] == ["7", None]
    assert [result["themes"] for result in answer["results"]] == [["merit"], ["awards"]]


def test_paragraphs_and_evidence_are_given_as_asked(client: FlaskClient) -> None:
    plain = post(client, json.dumps({"text": MERIT}))[1]
    short = post(client, json.dumps({"text": MERIT, "paragraphs": False}))[1]
    full = post(client, json.dumps({"text": MERIT, "explain": True}))[1]

    assert "paragraphs" not in short
    assert "evidence" not in plain["paragraphs"][0]
    assert full["paragraphs"][0]["evidence"]


PAGE = f"<html><body><nav>Beranda</nav><article><h1>Judul</h1><p>{MERIT}</p><p>{AWARDS}</p></article></body></html>"


@pytest.mark.parametrize(
    ("body", "media_type"), [(PAGE, "text/html"), (json.dumps({"html": PAGE}), "application/json")]
)
def test_the_article_of_a_page_is_classified_and_returned(client: FlaskClient, body: str, media_type: str) -> None:
    status, answer = post(client, body, media_type)

    assert status == 200
    assert {"merit", "awards"} <= set(answer["themes"])
    assert MERIT in [answer["text"][p["start"] : p["end"]] for p in answer["paragraphs"]]


def test_a_page_is_refused_by_name_where_the_extra_is_missing(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)

    status, problem = post(client, PAGE, "text/html")

    assert status == 415
    assert "`html` is not installed" in problem["detail"]


def test_a_page_with_too_many_tags_or_too_long_an_article_is_refused(client: FlaskClient) -> None:
    tags = post(client, "<" * 8001, "text/html")
    chars = post(client, "<article>" + "".join(f"<p>{n}. {MERIT}</p>" for n in range(60)) + "</article>", "text/html")

    assert (tags[0], chars[0]) == (413, 413)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "gzip, gzip"])
def test_a_compressed_body_is_refused(client: FlaskClient, coding: str) -> None:
    answer = client.post("/classify", data=b"x", content_type="text/plain", headers={"Content-Encoding": coding})

    assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")


def test_a_refused_media_type_is_told_what_is_taken(client: FlaskClient) -> None:
    answer = client.post("/classify", data=b"x", content_type="application/xml")

    assert answer.headers["Accept-Post"] == "application/json, text/plain, text/html"


@pytest.mark.parametrize("number", [sys.float_info.max, -sys.float_info.max, int(sys.float_info.max), 5e-324, 0.1])
def test_every_double_is_a_number(number: float) -> None:
    assert parse_json(f'{{"x":{number}}}') == {"x": number}
