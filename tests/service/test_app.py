import pytest
from flask import Flask
from flask.testing import FlaskClient


def test_the_url_of_every_rule_is_built_and_leads_back_to_it(app: Flask) -> None:
    urls = app.url_map.bind("localhost")

    for rule in app.url_map.iter_rules():
        url = urls.build(rule.endpoint, dict.fromkeys(rule.arguments, 1))
        assert rule.methods is not None
        endpoints = {urls.match(url, method)[0] for method in rule.methods}
        assert endpoints == {rule.endpoint}, rule


def test_what_a_rule_does_not_know_stands_in_the_query(app: Flask) -> None:
    assert app.url_map.bind("localhost").build("api.classify", {"a": "b"}) == "/classify?a=b"


@pytest.mark.parametrize(
    ("path", "status"), [("", 200), ("/v1", 200), ("/v1/", 200), ("/v1//projects", 404), ("/themes/", 404)]
)
def test_no_path_is_answered_with_a_redirect(client: FlaskClient, path: str, status: int) -> None:
    assert client.get("/", environ_overrides={"PATH_INFO": path}).status_code == status


def test_an_answer_says_once_how_long_it_may_be_kept(client: FlaskClient) -> None:
    with client.get("/static/page.css") as answer:
        assert answer.headers.getlist("Cache-Control") == ["no-store"]
