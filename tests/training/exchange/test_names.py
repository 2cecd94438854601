from dataclasses import replace

import pytest

from classifier.errors import LabelsRejectedError
from tests.conftest import ROOT
from training.codebook import read_codebook
from training.exchange.names import Names

CODEBOOK = read_codebook(ROOT / "labels")


@pytest.mark.parametrize("name", ["merit", " MERIT ", "Merit dan promosi", "merit_dan_promosi", "Merit and  promotion"])
def test_a_theme_goes_by_its_id_and_its_names(name: str) -> None:
    assert Names(CODEBOOK).find(name) == "merit"


def test_an_alias_of_the_codebook_is_a_name_too() -> None:
    names = Names(replace(CODEBOOK, aliases={"Mutasi": "merit", "Iklan": "boilerplate", "Lain": "none"}))

    assert [names.find(name) for name in ("mutasi", "iklan", "lain", "mutasi?")] == [
        "merit",
        "boilerplate",
        "none",
        None,
    ]


@pytest.mark.parametrize("aliases", [{"Netralitas": "merit"}, {"Mutasi": "mutation"}])
def test_an_alias_of_two_things_or_of_none_is_refused(aliases: dict[str, str]) -> None:
    with pytest.raises(LabelsRejectedError, match=r"themes\.toml"):
        Names(replace(CODEBOOK, aliases=aliases))


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("merit#awards", ["merit", "awards"]),
        ("Merit dan promosi; Penghargaan", ["Merit dan promosi", " Penghargaan"]),
        ("merit", ["merit"]),
        (" ", []),
        ("merit, what", ["merit", " what"]),
    ],
)
def test_a_cell_is_cut_where_known_names_end(cell: str, parts: list[str]) -> None:
    assert Names(CODEBOOK).split(cell) == parts
