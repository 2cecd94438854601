import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from classifier import Classifier
from classifier.errors import OutputFailedError
from tests.conftest import AWARDS, FURNITURE, MERIT, NOTHING, THEMES
from training.evaluate import Gold, judge_file
from training.metrics import measure
from training.report import worst_errors, write_report

HOSTILE = "<script>alert(1)</script> melantik camat & lurah"


@pytest.fixture
def gold(classifier: Classifier, tmp_path: Path) -> Gold:
    path = tmp_path / "gold.jsonl"
    rows = [
        {"id": "right", "text": MERIT, "labels": ["merit"]},
        {"id": "alarm", "text": HOSTILE, "labels": []},
        {"id": "missed", "text": NOTHING, "labels": ["awards"]},
        {"id": "award", "text": AWARDS, "labels": ["awards"]},
        {"id": "page", "text": FURNITURE, "labels": [], "boilerplate": True},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return judge_file(classifier, path)


def test_the_worst_errors_come_with_the_words_that_made_them(gold: Gold, classifier: Classifier) -> None:
    (alarm,) = worst_errors(gold, THEMES.index("merit"), classifier)
    (missed,) = worst_errors(gold, THEMES.index("awards"), classifier)

    assert (alarm.kind, alarm.id, missed.kind, missed.id) == ("false alarm", "alarm", "missed", "missed")
    assert "".join(word.text for word in alarm.words) == HOSTILE
    assert {word.text for word in alarm.words if word.weight > 1} == {"melantik"}
    assert sum(word.weight for word in alarm.evidence) == pytest.approx(gold.judgements.logits[1, 1])


def test_the_report_is_one_page_that_asks_for_nothing_and_runs_nothing(
    gold: Gold, classifier: Classifier, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    write_report(path, gold, measure(gold.judgements), classifier)
    page = path.read_text(encoding="utf-8")

    HTMLParser().feed(page)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.findall(r"""(?:src|href)=["'](?!#)[^"']""", page)
    assert page.count("<svg") == 2
    assert classifier.short_version in page
    for part in ("macro, themes", "micro, themes", "samples, themes", "false alarm", "missed"):
        assert part in page


def test_equal_judgements_give_equal_pages(gold: Gold, classifier: Classifier, tmp_path: Path) -> None:
    pages = []
    for name in ("a.html", "b.html"):
        write_report(tmp_path / name, gold, measure(gold.judgements), classifier)
        pages.append((tmp_path / name).read_bytes())

    assert pages[0] == pages[1]


def test_texts_that_are_not_kept_are_not_shown(gold: Gold, tmp_path: Path) -> None:
    counted = Gold((None,) * len(gold.texts), gold.judgements)
    write_report(tmp_path / "r.html", counted, measure(gold.judgements), None)

    assert "The text is not kept" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_a_report_that_cannot_be_written_is_an_output_error(gold: Gold, tmp_path: Path) -> None:
    with pytest.raises(OutputFailedError):
        write_report(tmp_path / "none" / "r.html", gold, measure(gold.judgements), None)
