"""The service obeys its contract, which it publishes."""

import json
import re

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from openapi_spec_validator import validate

from classifier import Classifier
from service import contract
from service.app import create_app
from service.settings import Settings
from tests.conftest import make_model

CONTRACT = json.loads(contract._FILE.read_text())


schema = schemathesis.openapi.from_wsgi("/openapi.json", create_app(Settings(), Classifier(make_model(), "0" * 64)))


def test_the_contract_is_valid_openapi_3_1() -> None:
    validate(CONTRACT)
    assert CONTRACT["openapi"].startswith("3.1")


def test_the_contract_has_every_route_and_no_other(app: Flask) -> None:
    ours = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert ours == {
        (path, verb) for path, item in CONTRACT["paths"].items() for verb in item if verb in {"get", "post"}
    }


@schema.parametrize()
@settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_the_contract_says(case: schemathesis.Case) -> None:
    case.call_and_validate()
