"""Labelling configurations: what of a project's XML is understood, and what is refused."""

import pytest

from classifier.model import Theme
from service.labelconfig import read
from service.problems import ProblemError
from tests.conftest import ROOT, THEMES

MODEL_THEMES = tuple(Theme(id, f"Tema {id}", f"Theme {id}", "") for id in THEMES)
PER_REGION = 'perRegion="true"'
TEXT = '<Text name="text" value="$isi"/>'


def choices(*values: str, more: str = 'choice="multiple"') -> str:
    inside = "".join(f'<Choice value="{value}"/>' for value in values)
    return f'<Choices name="label" toName="text" {more}>{inside}</Choices>'


def refusal(xml: str) -> str:
    with pytest.raises(ProblemError) as caught:
        read(xml, "/schema", MODEL_THEMES)
    assert (caught.value.status, caught.value.errors[0].pointer) == (422, "/schema")
    return caught.value.errors[0].detail


def test_themes_are_found_by_id_and_by_either_name_and_called_as_the_project_calls_them() -> None:
    found = read(f"<View>{TEXT}{choices('merit', 'TEMA  awards', 'theme_integrity')}</View>", "", MODEL_THEMES)

    assert found.choices.options == {"merit": "merit", "awards": "TEMA  awards", "integrity": "theme_integrity"}
    assert (found.key, found.choices.name, found.choices.text) == ("isi", "label", "text")
    assert found.choices.multiple
    assert found.spans is None


def test_an_alias_goes_before_a_value() -> None:
    xml = f'<View>{TEXT}<Choices name="label" toName="text"><Choice value="A" alias="merit"/></Choices></View>'

    assert read(xml, "", MODEL_THEMES).choices.options == {"merit": "merit"}


def test_one_answer_is_asked_for_unless_several_are() -> None:
    assert not read(f"<View>{TEXT}{choices('merit', more='')}</View>", "", MODEL_THEMES).choices.multiple


def test_choices_lie_anywhere_within_their_control() -> None:
    inner = '<View><Choice value="merit"><Choice value="awards"/></Choice></View>'
    xml = f'<View>{TEXT}<Choices name="label" toName="text">{inner}</Choices></View>'

    assert set(read(xml, "", MODEL_THEMES).choices.options) == {"merit", "awards"}


def test_spans_are_those_about_the_same_text() -> None:
    labels = '<Labels name="{0}" toName="{1}"><Label value="merit"/></Labels>'
    other = '<Text name="other" value="$o"/>'
    here, there = labels.format("here", "text"), labels.format("there", "other")

    found = read(f"<View>{TEXT}{other}{there}{here}{choices('merit')}</View>", "", MODEL_THEMES)

    assert found.spans is not None
    assert found.spans.name == "here"


def test_furniture_has_its_names() -> None:
    found = read(f"<View>{TEXT}{choices('merit', 'Bukan isi artikel')}</View>", "", MODEL_THEMES)

    assert found.choices.options["boilerplate"] == "Bukan isi artikel"


def test_a_text_without_a_value_is_undefined_as_label_studio_has_it() -> None:
    assert read(f'<View><Text name="text"/>{choices("merit")}</View>', "", MODEL_THEMES).key == "$undefined$"


@pytest.mark.parametrize(
    "xml",
    [
        "<View/>",
        f"<View>{TEXT}{choices('cuaca')}</View>",
        f"<View>{TEXT}{choices('boilerplate')}</View>",
        f"<View>{choices('merit')}</View>",
        f"<View>{TEXT}{choices('merit').replace('toName', 'about')}</View>",
        f"<View>{TEXT}{choices('merit', more=PER_REGION)}</View>",
        f'<View><Text name="text" value="$url" valueType="url"/>{choices("merit")}</View>',
    ],
)
def test_a_configuration_that_asks_for_no_theme_of_a_text_is_refused(xml: str) -> None:
    assert "neutrality" in refusal(xml)


BOMB = '<!DOCTYPE v [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><View>&b;</View>'


@pytest.mark.parametrize(
    "xml", [BOMB, "<!DOCTYPE View><View/>", '<!DOCTYPE v SYSTEM "file:///etc/passwd"><v/>', '<!DOCTYPE v PUBLIC "" "">']
)
def test_a_document_type_is_refused_before_it_is_read(xml: str) -> None:
    assert refusal(xml) == "a document type is not taken"


@pytest.mark.parametrize("xml", ["", "<View>", "<View>&nix;</View>", "<a/><b/>", "\0", "<View a=1/>", "{}"])
def test_what_is_not_xml_is_refused(xml: str) -> None:
    assert "not well-formed" in refusal(xml)


def test_deep_nesting_is_refused() -> None:
    assert "nested" in refusal("<a>" * 50_000)


def test_the_configuration_in_the_documentation_takes_every_theme() -> None:
    found = read((ROOT / "docs" / "label-studio.xml").read_text("utf-8"), "", MODEL_THEMES)

    assert found.spans is not None
    assert set(found.spans.options) == set(THEMES)
    assert set(found.choices.options) == {*THEMES, "boilerplate"}
