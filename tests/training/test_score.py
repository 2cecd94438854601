import json
import subprocess
import sys
from pathlib import Path

import pytest

from classifier import Classifier, InputRejectedError
from classifier.errors import OutputFailedError
from tests.conftest import AWARDS, MERIT, NOTHING, ROOT
from training.score import score_file

ARTICLES = [{"id": "007", "text": MERIT}, {"text": NOTHING, "title": AWARDS, "outlet": "x"}, {"id": "e", "text": ""}]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(json.dumps(article) for article in ARTICLES), encoding="utf-8")
    return path


def test_a_row_out_is_the_services_answer_without_paragraphs(
    classifier: Classifier, archive: Path, tmp_path: Path
) -> None:
    summary = score_file(classifier, archive, tmp_path / "out.jsonl")

    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    expected = [
        classifier.classify(str(a["text"]), title=a.get("title")).to_json(document_id=a.get("id"), paragraphs=False)
        for a in ARTICLES
    ]
    assert expected == rows
    assert (summary.rows, summary.themes["merit"], summary.themes["awards"]) == (3, 1, 1)


@pytest.mark.parametrize("line", ['{"text":', "[]", '{"id":"a"}', '{"text":1}'])
def test_a_bad_line_is_named_and_nothing_is_written(
    classifier: Classifier, archive: Path, tmp_path: Path, line: str
) -> None:
    archive.write_text(archive.read_text() + "\n" + line)

    with pytest.raises(InputRejectedError, match=r"in\.jsonl:4"):
        score_file(classifier, archive, tmp_path / "out.jsonl")

    assert [archive] == list(tmp_path.iterdir())


def test_a_line_separator_inside_a_string_is_no_end_of_line(classifier: Classifier, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"text": "a\u2028b\u0085c"}, ensure_ascii=False), encoding="utf-8")

    assert score_file(classifier, tmp_path / "in.jsonl", tmp_path / "out.jsonl").rows == 1


def test_an_output_that_cannot_be_written_is_an_error_of_its_own(
    classifier: Classifier, archive: Path, tmp_path: Path
) -> None:
    with pytest.raises(OutputFailedError):
        score_file(classifier, archive, tmp_path / "none" / "out.jsonl")


def test_the_module_is_the_command(archive: Path, model_path: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "training.score", archive, "-o", tmp_path / "o.jsonl", "--model", model_path],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip

    assert "scored 3 articles" in done.stderr
    assert len((tmp_path / "o.jsonl").read_text().splitlines()) == 3
