"""Files in the shape in which the tools write them; those of `datasets` are its own, of version 5.2.0."""

from pathlib import Path

import pytest

from classifier.errors import InputRejectedError
from tests.conftest import ROOT
from training.codebook import read_codebook
from training.exchange.kinds import load, read
from training.exchange.source import Columns
from training.exchange.tasks import Loaded, Prediction, Vote

SHAPES = Path(__file__).with_name("shapes")
CODEBOOK = read_codebook(ROOT / "labels")
BOTH = ("neutrality", "merit")
SILENT = Vote("", asked=())


def loaded(name: str, columns: Columns | None = None) -> Loaded:
    return load(SHAPES / name, CODEBOOK, columns=columns)


def votes(found: Loaded) -> list[tuple[Vote, ...]]:
    return [task.votes for task in found.tasks]


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("doccano.jsonl", "doccano-jsonl", [(Vote("", BOTH),), (Vote(""),), (Vote("", (), True),), (SILENT,)]),
        ("doccano.json", "doccano-json", [(Vote("", BOTH),), (Vote(""),), (Vote("", (), True),), (SILENT,)]),
        ("doccano.csv", "doccano-csv", [(Vote("", BOTH),), (Vote(""),), (Vote("", (), True),), (SILENT,)]),
        (
            "labelstudio.json",
            "labelstudio-json",
            [
                (Vote("1", BOTH), Vote("2", ("merit",), gold=True)),
                (Vote("1"),),
                (Vote("1", (), True),),
                (),
            ],
        ),
        (
            "labelstudio_min.json",
            "labelstudio-min",
            [(Vote("1", BOTH), Vote("2", ("merit",))), (Vote("1"),), (Vote("1", (), True),)],
        ),
        (
            "prodigy_choice.jsonl",
            "prodigy",
            [
                (Vote("tema-ani", BOTH), Vote("tema-budi", ("merit",))),
                (Vote("tema-ani"),),
                (Vote("tema-ani", (), True),),
                (),
            ],
        ),
        ("prodigy_binary.jsonl", "prodigy", [(Vote("ani", ("merit",), asked=("merit", "awards")),), ()]),
        ("annif.jsonl", "annif", [(Vote("", BOTH),), (SILENT,)]),
        ("datasets_many.parquet", "hf-parquet", [(Vote("", BOTH),), (Vote(""),), (Vote("", (), True),), ()]),
        (
            "datasets_one.parquet",
            "hf-parquet",
            [(Vote("", ("merit",)),), (Vote("", ("neutrality",)),), (Vote("", (), True),), ()],
        ),
        (
            "table_wide.csv",
            "csv",
            [
                (Vote("", ("merit",), asked=CODEBOOK.theme_ids),),
                (Vote("", (), asked=CODEBOOK.theme_ids),),
                (),
                (Vote("", ("neutrality",), asked=("neutrality",)),),
            ],
        ),
        ("table_narrow.csv", "csv", [(Vote("x", BOTH),), (Vote("y"),)]),
    ],
)
def test_a_file_as_its_tool_writes_it_is_recognised_and_read(
    name: str, kind: str, expected: list[tuple[Vote, ...]]
) -> None:
    found = loaded(name)

    assert (found.kind, votes(found)) == (kind, expected)


def test_what_was_skipped_is_counted_and_is_no_vote() -> None:
    assert loaded("labelstudio.json").losses["texts skipped by a reader"] == 1
    assert loaded("prodigy_choice.jsonl").losses["texts ignored by a reader"] == 1


def test_what_is_not_taken_over_is_counted_by_its_name() -> None:
    assert loaded("doccano.jsonl").losses["values of the column Comments"] == 1
    assert loaded("labelstudio.json").losses["marks within texts, and answers to other questions"] == 1


def test_a_prediction_is_kept_apart_from_votes() -> None:
    assert loaded("labelstudio.json").tasks[0].prediction == Prediction(("merit",), False, "8fd3a0c1b2d4", {}, 0.61)


def test_a_quote_before_what_looks_like_a_formula_is_taken_off_again() -> None:
    assert loaded("table_narrow.csv").tasks[1].text == "- Hujan deras mengguyur pasar."


def test_dates_and_outlets_are_kept_beside_the_text() -> None:
    assert loaded("doccano.jsonl").tasks[0].meta == {"outlet": "Harian A"}
    assert loaded("labelstudio.json").tasks[0].meta == {"date": "2024-11-02"}


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b'{"text": "a", "label": ["Politik"]}', r"'Politik' \(1\).*aliases.*--drop"),
        (b'{"text": "a", "label": ["merit"], "label": []}', "row 1: a key twice"),
        (b'{"text": "a", "label": [[0, 4, "merit"]]}', "row 1: labels are not names"),
        (b'{"text": 3, "label": []}', "row 1: `text` is not a string"),
        (b'{"isi": "a", "accept": [], "answer": "accept"}', "--text"),
        (b'{"text": "a\\u0000", "label": []}', "NUL"),
        (b'{"colour": 1}', "--from"),
        (b'[{"data": 1}]', "--from"),
        (b"[1]", "object expected"),
        (b"PAR1 and nothing else", "damaged"),
        (b"text,merit\na,maybe", "row 2: column merit"),
        (b"text,merit\na", "row 2: 1 fields, 2 expected"),
        (b"text,isi\na,b", "--label"),
        (b"text,text\na,b", "twice in the header"),
        (b"text,merit\n\xff,1", "UTF-8"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_what_to_do(raw: bytes, says: str) -> None:
    with pytest.raises(InputRejectedError, match=says):
        read(raw, CODEBOOK)


def test_numbers_for_labels_are_refused_where_nothing_names_them() -> None:
    with pytest.raises(InputRejectedError, match=r"datasets_numbers\.jsonl: row 1: .*Parquet"):
        loaded("datasets_numbers.jsonl")


def test_a_label_can_be_left_out_and_a_column_named() -> None:
    raw = b'{"isi": "a", "tag": ["merit", "perlu dibahas"], "answer": 1}'
    columns = Columns("isi", "tag", ("perlu dibahas",))

    found = read(raw, CODEBOOK, "doccano-jsonl", columns)

    assert votes(found) == [(Vote("", ("merit",)),)]


def test_an_answer_of_nothing_but_labels_left_out_is_no_vote() -> None:
    raw = b'{"text": "a", "label": ["perlu dibahas"]}'

    found = read(raw, CODEBOOK, columns=Columns(drop=("perlu dibahas",)))

    assert votes(found) == [()]
    assert found.losses["answers of nothing but such labels"] == 1


def test_answers_that_contradict_themselves_are_no_votes() -> None:
    found = read(b'{"text": "a", "label": ["merit", "none"]}', CODEBOOK)

    assert votes(found) == [()]
    assert found.losses["answers that name a theme beside none or boilerplate"] == 1


def test_labels_left_as_the_model_filled_them_in_are_counted() -> None:
    found = read(b'{"text": "a", "label": ["merit"], "predicted": "merit", "model": "8f"}', CODEBOOK)

    assert [n for what, n in found.losses.items() if "export approved texts alone" in what] == [1]
    assert found.tasks[0].prediction == Prediction(("merit",), model="8f")
