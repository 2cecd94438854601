"""Annif's own client against the real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from annif_client import AnnifClient
from flask.testing import FlaskClient

from benchmarks.harness import serving
from service.annif import PROJECT
from tests.conftest import AWARDS, MERIT


@pytest.fixture(scope="module")
def annif(model_path: Path) -> Iterator[AnnifClient]:
    with serving(model_path) as server:
        yield AnnifClient(f"http://127.0.0.1:{server.port}/v1/")


def test_the_client_finds_the_project(annif: AnnifClient) -> None:
    assert annif.api_info["title"] == "Annif REST API"
    assert [project["project_id"] for project in annif.projects] == [PROJECT]
    assert annif.get_project(PROJECT)["vocab"]["size"] == 5


def test_the_client_gets_suggestions(annif: AnnifClient) -> None:
    best = annif.suggest(PROJECT, MERIT, limit=1)

    assert [(found["uri"], found["label"]) for found in best] == [("urn:asn-themes:theme:merit", "Merit")]
    assert [found["label"] for found in annif.suggest(PROJECT, MERIT, threshold=0.5)] == ["Merit"]


def test_the_client_gets_suggestions_for_several_texts(annif: AnnifClient) -> None:
    documents = [{"text": MERIT, "document_id": "7"}, {"text": AWARDS}]
    found = annif.suggest_batch(PROJECT, documents, limit=1)

    assert [(one["document_id"], one["results"][0]["label"]) for one in found] == [("7", "Merit"), (None, "Awards")]


def test_the_client_learns_how_much_of_a_text_is_indonesian(annif: AnnifClient) -> None:
    indonesian = annif.detect_language("Netral, melantik, kinerja, target.", ["id", "en"])["results"]
    english = annif.detect_language("The minister opened a new bridge yesterday.", ["id", "en"])["results"]

    assert (indonesian[0]["language"], english[0]["language"]) == ("id", None)
    assert sum(result["score"] for result in indonesian) == pytest.approx(1)
    assert annif.detect_language("!", ["id"])["results"] == [{"language": None, "score": 1.0}]


@pytest.mark.parametrize("languages", [None, [], "id", [1], ["id"] * 33])
def test_languages_are_a_list_of_codes(client: FlaskClient, languages: object) -> None:
    answer = client.post("/v1/detect-language", json={"text": MERIT, "languages": languages})

    assert answer.status_code in {413, 422}


def test_the_client_is_told_what_is_not_there_and_not_allowed(annif: AnnifClient) -> None:
    with pytest.raises(ValueError, match=PROJECT):
        annif.suggest("nix", MERIT)
    with pytest.raises(Exception, match="403"):
        annif.learn(PROJECT, [{"text": MERIT, "subjects": []}])


@pytest.mark.parametrize("query", ["limit=0", "limit=1_0", "limit=x", "threshold=2", "threshold=nan", "limit=٣"])
def test_a_bound_that_is_no_number_in_range_is_refused(client: FlaskClient, query: str) -> None:
    form = f"text=a&{query}"
    answer = client.post(f"/v1/projects/{PROJECT}/suggest", data=form, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 422


@pytest.mark.parametrize("form", ["text=%ff", "&".join(f"a{n}=1" for n in range(30))])
def test_a_form_that_can_not_be_read_is_refused(client: FlaskClient, form: str) -> None:
    url = f"/v1/projects/{PROJECT}/suggest"

    assert client.post(url, data=form, content_type="application/x-www-form-urlencoded").status_code == 400
