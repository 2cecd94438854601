"""The doccano template of the docs, rendered over a real answer as doccano renders it."""

import json
import re

import jinja2
import pytest
from flask.testing import FlaskClient

from tests.conftest import AWARDS, MERIT, NOTHING, ROOT

DOCS = (ROOT / "docs" / "api.md").read_text()
(TEMPLATE,) = re.findall(r"^    (\[\{% for .*)$", DOCS, re.MULTILINE)
(BODY,) = re.findall(r"body `(\{.*?\})`, and", DOCS)


@pytest.mark.parametrize(
    ("text", "labels"), [(MERIT, ["merit"]), (f"{MERIT}\n{AWARDS}", ["merit", "awards"]), (NOTHING, [])]
)
def test_doccano_gets_the_themes_as_labels(client: FlaskClient, text: str, labels: list[str]) -> None:
    body = {name: text if value == "{{ text }}" else value for name, value in json.loads(BODY).items()}
    answer = client.post("/classify", json=body).get_json()
    printed = jinja2.Template(TEMPLATE).render(input=answer)

    assert [found["label"] for found in json.loads(printed)] == labels
