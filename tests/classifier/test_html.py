import json
import sys
import time

import pytest

from classifier.errors import ExtraMissingError
from classifier.html import MAX_TAGS, PageTooLargeError, article_text

PARAGRAPHS = [f"Paragraf ke-{n} menyebut bahwa ASN wajib menjaga netralitas dalam pilkada serentak." for n in range(5)]
PAGE = "<html><head><title>T</title></head><body><nav><a href=/>Beranda</a></nav><article>{}</article></body></html>"


def page(head: str = "") -> str:
    return head + PAGE.format("".join(f"<p>{p}</p>" for p in PARAGRAPHS))


def test_the_paragraphs_of_the_article_come_one_a_line_without_furniture() -> None:
    assert article_text(page()).split("\n") == PARAGRAPHS


@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: [x], lambda x: {"@graph": [{"@type": "Person"}, x]}])
def test_the_publishers_own_text_goes_first_where_it_keeps_paragraphs(wrap: object) -> None:
    body = "\n\n".join(f"Versi redaksi {p}" for p in PARAGRAPHS)
    data = json.dumps(wrap({"@type": "NewsArticle", "articleBody": body}))  # type: ignore[operator]

    assert article_text(page(f'<script type="application/ld+json">{data}</script>')) == body


@pytest.mark.parametrize("data", ["{", "[" * 5000, '{"@type":"NewsArticle","articleBody":"teaser"}', "7", '"x"'])
def test_metadata_that_is_no_article_is_passed_over(data: str) -> None:
    assert article_text(page(f'<script type="application/ld+json">{data}</script>')).split("\n") == PARAGRAPHS


@pytest.mark.parametrize("bad", ["", "<", "\x00", "tanpa tag", "<html></html>", "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;"])
def test_a_page_without_an_article_gives_no_text(bad: str) -> None:
    assert article_text(bad) == ""


def test_a_page_of_too_many_tags_is_refused_and_scripts_do_not_count() -> None:
    assert article_text(page("<script>" + "<" * MAX_TAGS + "</script>"))
    with pytest.raises(PageTooLargeError, match="tags"):
        article_text("<b>" * (MAX_TAGS + 1))


def test_the_search_for_metadata_and_noise_is_linear() -> None:
    start = time.process_time()
    for hostile in ("<script " * 30_000, "<style>" * 30_000, '<script type="application/ld+json">' * 8_000):
        with pytest.raises(PageTooLargeError):
            article_text(hostile + "<b>" * (MAX_TAGS + 1))

    assert time.process_time() - start < 2.0


def test_a_missing_extra_is_named_with_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)

    with pytest.raises(ExtraMissingError, match=r"asn-themes\[html\]"):
        article_text("<p>a</p>")
