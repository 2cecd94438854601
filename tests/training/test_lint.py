from pathlib import Path

import pytest

from classifier.errors import LabelsRejectedError
from tests.labels_folder import LEXICON, record, write
from training.labels import read_labels
from training.lint import check, problems_of

TEXT = "Sebanyak empat puluh pejabat eselon tiga dilantik di pendopo kabupaten pada Senin pagi oleh sekretaris daerah"


def problems(folder: Path, *rows: dict[str, object]) -> str:
    write(folder, list(rows), "paragraphs/b.jsonl")
    return "\n".join(problems_of(read_labels(folder)))


def test_good_labels_pass(folder: Path) -> None:
    check(read_labels(folder))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (record("x", TEXT, ["Merit"]), "unknown theme 'Merit'"),
        (record("x", TEXT, ["integrity", "merit"]), "order"),
        (record("x", TEXT, ["merit", "merit"]), "repeated"),
        (record("x", TEXT, ["merit"], boilerplate=True), "boilerplate carries no theme"),
        (record("x", " … ", []), "empty text"),
        (record("x", "Ada kata rusak Ã© di sini", []), "damaged"),
        (record("merit-0", TEXT, ["merit"]), "id merit-0 stands 2 times"),
    ],
)
def test_a_broken_rule_is_named(folder: Path, row: dict[str, object], says: str) -> None:
    assert says in problems(folder, row)


def test_the_same_text_twice_is_refused_whatever_its_case_and_punctuation(folder: Path) -> None:
    assert "nearly the text of x;" in problems(
        folder, record("x", TEXT, ["merit"]), record("y", TEXT.upper() + "!", ["merit"])
    )


def test_near_duplicates_with_other_labels_are_called_contrary(folder: Path) -> None:
    found = problems(folder, record("x", TEXT, ["merit"]), record("y", TEXT + " kemarin", []))

    assert "with other labels" in found


def test_texts_that_share_a_phrase_are_not_duplicates(folder: Path) -> None:
    other = "Pejabat eselon tiga itu kemudian membuka usaha kopi di kampung halamannya sejak pensiun dua tahun lalu"

    assert problems(folder, record("x", TEXT, ["merit"]), record("y", other, [])) == ""


def test_a_theme_with_hardly_a_positive_is_refused(folder: Path, rows: list[dict[str, object]]) -> None:
    write(folder, [row for row in rows if row["labels"] != ["awards"]])

    with pytest.raises(LabelsRejectedError, match="awards has 0 positives"):
        check(read_labels(folder))


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ('[deed.x]\nwords = ["ASN"]', "folded words"),
        ('[deed.x]\nwords = ["a b c d e"]', "one to 4"),
        ('[deed.x]\nwords = ["as*n"]', "only at the end"),
        ("[deed.x]\nwords = []", "is empty"),
        ('[deed.x]\nwords = ["hadiah", "hadiah"]', "stands 2 times in x"),
        ('[deed.x]\nwords = ["hadiah", "beri hadiah"]', "'beri hadiah' in x is dead: 'hadiah'"),
        ('[deed.x]\nwords = ["hadi*", "hadiah"]', "'hadiah' in x is dead: 'hadi*'"),
        ('[deed.x]\nwords = ["camat"]', "'camat' stands in servant, x without a reason"),
        ('[deed.servant]\nwords = ["hadiah"]', "class name servant stands 2 times"),
        ('[shared]\nhadiah = "why"', "'hadiah' is listed under [shared]"),
    ],
)
def test_a_bad_word_class_is_named(folder: Path, extra: str, says: str) -> None:
    (folder / "lexicon.toml").write_text(LEXICON + extra, encoding="utf-8")

    assert says in "\n".join(problems_of(read_labels(folder)))


def test_an_entry_in_two_classes_needs_only_its_reason(folder: Path) -> None:
    (folder / "lexicon.toml").write_text(
        LEXICON + '[deed.x]\nwords = ["camat"]\n[shared]\ncamat = "a person and a deed"', encoding="utf-8"
    )

    check(read_labels(folder))
