import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import asn_themes
from classifier import Classifier, InputRejectedError, modelfile
from classifier.model import Model
from tests.conftest import AWARDS, FURNITURE, INTEGRITY, MERIT, NOTHING
from training.reading import heaviest_terms, read_article, readable, show

_COLOUR = re.compile("\x1b\\[[0-9;]*m")


def test_words_that_decided_stand_in_brackets(classifier: Classifier) -> None:
    shown = show(classifier, MERIT, colour=False)

    assert "[melantik]" in shown
    assert "Bupati" in shown
    assert "merit 1.00 yes" in shown.splitlines()[1]


def test_each_theme_has_its_colour(classifier: Classifier) -> None:
    shown = show(classifier, f"{MERIT}\n{AWARDS}", colour=True)

    assert re.search("\x1b\\[32m\x1b\\[1mmelantik", shown)
    assert re.search("\x1b\\[33m\x1b\\[1mpenghargaan", shown)


@given(texts=st.lists(st.sampled_from([MERIT, AWARDS, INTEGRITY, NOTHING, FURNITURE]), min_size=1, max_size=4))
def test_the_text_itself_stays_as_it_is(classifier: Classifier, texts: list[str]) -> None:
    plain = _COLOUR.sub("", show(classifier, "\n".join(texts), colour=True))

    assert all(text in plain for text in texts)


def test_furniture_is_named(classifier: Classifier) -> None:
    shown = show(classifier, FURNITURE, colour=False)

    assert f"(furniture) {FURNITURE}" in shown
    assert "no content was found" in shown


def test_the_heaviest_terms_are_sorted_from_either_end(classifier: Classifier) -> None:
    strong, weak = heaviest_terms(classifier.model, "integrity", 3)

    assert [term.weight for term in strong] == [8.0, 8.0, 4.0]
    assert {"“jual”", "“suap”", "post_bought (jual beli jabatan, suap)"} == {term.name for term in strong}
    assert (weak[0].name, weak[0].weight) == ("no word of person", -1.0)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("length:6", "6 to 9 words long"),
        ("length:63", "63 words long or longer"),
        ("coarse:person", "person (elected, servant)"),
        ("fine:servant", "servant (asn, camat, kepala dinas*, …)"),
    ],
)
def test_terms_have_readable_names(classifier: Classifier, name: str, says: str) -> None:
    assert readable(classifier.model, name) == says


def test_the_article_of_a_page_is_read_without_its_tags(tmp_path: Path) -> None:
    (tmp_path / "a.HTML").write_text(f"<html><body><script>x()</script><article><p>{MERIT}</p></article></body></html>")

    assert read_article(tmp_path / "a.HTML") == MERIT


def test_an_unknown_theme_and_an_unreadable_article_are_refused(classifier: Classifier, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe")

    with pytest.raises(InputRejectedError, match="no theme 'sport'; there are neutrality"):
        heaviest_terms(classifier.model, "sport", 3)
    for name in ("a.txt", "none.txt"):
        with pytest.raises(InputRejectedError, match="no readable text"):
            read_article(tmp_path / name)


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        (["explain", "ARTICLE"], 0, "[melantik]"),
        (["explain", "ARTICLE", "--color"], 0, "\x1b[32m"),
        (["explain", "ARTICLE", "--prior", "merit=0.001"], 0, "merit 0.80 yes"),
        (["explain", "ARTICLE", "--prior", "sport=0.1"], 2, "themes are neutrality"),
        (["terms", "merit", "-n", "1"], 0, "+8.00"),
        (["terms", "sport"], 3, "no theme 'sport'"),
        (["card"], 4, "retrain"),
    ],
)
def test_the_commands_answer_or_say_in_one_line_why_not(
    model: Model, tmp_path: Path, command: list[str], code: int, says: str
) -> None:
    article = tmp_path / "article.txt"
    article.write_text(MERIT, encoding="utf-8")
    path = tmp_path / "model.npz"
    modelfile.save(replace(model, metadata={"prior": model.metadata["prior"]}), path)
    words = [str(article) if word == "ARTICLE" else word for word in command]

    done = CliRunner().invoke(asn_themes.main, [*words, "--model", str(path)])

    assert (done.exit_code, says in done.output) == (code, True), done.output
    assert code == 0 or done.output.count("\n") == 1
