"""A taxonomy of one's own, from an empty folder to scored articles, with the commands that a person types."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import asn_themes
from benchmarks.harness import serving
from tests.own_themes import THEMES_TOML, rows
from tests.service.test_server import request

ARTICLE = (
    "Ibu merebus santan dengan daun salam, lalu memasukkan bawang goreng dan cabai.\n\n"
    "Hujan deras disertai angin kencang diperkirakan turun malam hari."
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(asn_themes.main, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the taxonomy, import its labels from doccano's JSON lines, and train."""
    place = tmp_path_factory.mktemp("own") / "harian"
    labels = place / "labels"
    assert run("new", place).exit_code == 0
    (labels / "themes.toml").write_text(THEMES_TOML, encoding="utf-8")
    export = place / "ani.jsonl"
    export.write_text("".join(json.dumps(row) + "\n" for row in rows()), encoding="utf-8")
    for command in (
        ("labels", "import", export, "--labels", labels),
        ("labels", "check", "--labels", labels),
        ("train", "--labels", labels, "-o", place / "model.npz"),
    ):
        done = run(*command)
        assert done.exit_code == 0, done.output
    return place


def test_a_taxonomy_of_ones_own_is_served(place: Path) -> None:
    with serving(place / "model.npz") as server:
        status, answer = request(server.port, "POST", "/classify", ARTICLE)
        _, themes = request(server.port, "GET", "/themes")

    assert status == 200
    assert [paragraph["themes"] for paragraph in json.loads(answer)["paragraphs"]] == [["cooking"], ["weather"]]
    assert json.loads(themes)["title"] == {"id": "Tema harian", "en": "Daily themes"}
    assert [theme["id"] for theme in json.loads(themes)["themes"]] == ["cooking", "sport", "weather"]


def test_a_taxonomy_of_ones_own_scores_an_archive(place: Path) -> None:
    (place / "in.jsonl").write_text(json.dumps({"id": "a", "text": ARTICLE}) + "\n", encoding="utf-8")

    done = run("score", place / "in.jsonl", "-o", place / "out.csv", "--model", place / "model.npz")

    assert done.exit_code == 0, done.output
    header, row = (place / "out.csv").read_text(encoding="utf-8").splitlines()
    assert [name in header for name in ("cooking_decision", "sport_decision", "weather_decision")] == [True] * 3
    assert '"a"' in row


def test_what_is_said_of_a_model_says_nothing_of_other_themes(place: Path) -> None:
    card = run("card", "--model", place / "model.npz").output

    assert "Masakan" in card
    assert not [word for word in ("civil service", "Neutrality", "footballer") if word in card]


def test_new_leaves_a_folder_with_something_in_it_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")

    done = CliRunner().invoke(asn_themes.main, ["new", str(tmp_path)])

    assert (done.exit_code, [path.name for path in tmp_path.iterdir()]) == (5, ["mine"])


def test_the_skeleton_is_a_codebook_that_waits_for_labels(tmp_path: Path) -> None:
    run("new", tmp_path / "x")

    done = run("labels", "check", "--labels", tmp_path / "x" / "labels")

    assert done.exit_code == 3
    assert "theme first has 0 positives" in done.output
    assert "lexicon" not in done.output
