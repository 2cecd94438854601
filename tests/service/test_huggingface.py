from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import AWARDS, MERIT, THEMES


def test_a_string_gives_its_labels_best_first(client: FlaskClient) -> None:
    answer = client.post("/hf", json={"inputs": MERIT, "parameters": {"function_to_apply": "sigmoid"}}).get_json()

    assert answer[0]["label"] == "merit"
    assert {label["label"] for label in answer} == set(THEMES)
    assert [label["score"] for label in answer] == sorted((label["score"] for label in answer), reverse=True)


def test_a_list_gives_a_list_of_such_lists(client: FlaskClient) -> None:
    answer = client.post("/hf", json={"inputs": [MERIT, AWARDS], "parameters": {"top_k": 1}}).get_json()

    assert [[label["label"] for label in labels] for labels in answer] == [["merit"], ["awards"]]


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({}, 422, "/inputs"),
        ({"inputs": 7}, 422, "/inputs"),
        ({"inputs": ["a", None]}, 422, "/inputs/1"),
        ({"inputs": "a", "parameters": {"top_k": 0}}, 422, "/parameters/top_k"),
        ({"inputs": "a", "parameters": {"top_k": True}}, 422, "/parameters/top_k"),
        ({"inputs": "a", "parameters": []}, 422, "/parameters"),
        ({"inputs": "a", "colour": 1}, 422, "/colour"),
        ({"inputs": ["a"] * 4}, 413, None),
        ({"inputs": "a" * 2001}, 413, None),
    ],
)
def test_what_is_not_understood_is_refused(client: FlaskClient, body: Any, status: int, pointer: str | None) -> None:
    answer = client.post("/hf", json=body)

    assert answer.status_code == status
    assert pointer in [error["pointer"] for error in answer.get_json().get("errors", [{"pointer": None}])]
