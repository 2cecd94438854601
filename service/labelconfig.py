"""The labelling configuration of a Label Studio project: which choices and spans it takes, and on which text."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

# Safe as it is used here: a document type, and with it every entity, is refused before anything of it is read.
from xml.parsers import expat

from classifier.model import BOILERPLATE, BOILERPLATE_NAMES, Theme, name_key
from service.problems import FieldError, ProblemError

#: Deeper than any labelling page; Label Studio's own have about six levels.
_MAX_DEPTH = 100
_OPTIONS = {"Choices": "Choice", "Labels": "Label"}


class Control(NamedTuple):
    """A tag that takes answers.

    Attributes
    ----------
    name, text : str
        Its own name, and that of the ``<Text>`` it is about.
    options : mapping of str to str
        For each theme id (or ``boilerplate``) that it lists, what the project calls it.
    multiple : bool
        Whether it takes several answers.
    """

    name: str
    text: str
    options: Mapping[str, str]
    multiple: bool


class LabelConfig(NamedTuple):
    """What a project asks: `choices` on the text under `key` of a task's data, and maybe `spans` in it."""

    key: str
    choices: Control
    spans: Control | None


def read(xml: str, pointer: str, themes: Sequence[Theme]) -> LabelConfig:
    """Read a configuration for a model with `themes`.

    Parameters
    ----------
    xml : str
        The configuration, of a length that was checked.
    pointer : str
        The field it came in.
    themes : sequence of Theme
        What choices are looked for, by id or by either name.

    Raises
    ------
    ProblemError
        With 422 if it isn't well-formed, has a document type, or asks for none of the themes of a text.
    """
    tags = _parse(xml, pointer)
    texts = {tag.attributes.get("name"): tag.attributes.get("value", "") for tag in tags if _is_text(tag)}
    names = _names(themes)
    controls = [(tag.name, control) for tag in tags for control in _controls(tag, texts, names)]
    choices = next((control for name, control in controls if name == "Choices"), None)
    if choices is None:
        detail = f"no <Choices> about a <Text> lists a theme; name choices {', '.join(theme.id for theme in themes)}"
        raise _refused(pointer, detail)
    spans = next((c for name, c in controls if name == "Labels" and c.text == choices.text), None)
    # What Label Studio itself takes where the text names no field of the task.
    return LabelConfig(texts[choices.text].removeprefix("$") or "$undefined$", choices, spans)


class _Tag(NamedTuple):
    name: str
    attributes: dict[str, str]
    options: list[str]


def _parse(xml: str, pointer: str) -> list[_Tag]:
    tags: list[_Tag] = []
    opened: list[_Tag] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(opened) == _MAX_DEPTH:
            raise _refused(pointer, f"tags are nested deeper than {_MAX_DEPTH}")
        tag = _Tag(name, attributes, [])
        # A choice belongs to the innermost control around it, through views and other choices.
        control = next((outer for outer in reversed(opened) if outer.name in _OPTIONS), None)
        if control and _OPTIONS[control.name] == name:
            # An alias is what Label Studio stores in place of the value.
            control.options.append(attributes.get("alias") or attributes.get("value", ""))
        tags.append(tag)
        opened.append(tag)

    def refuse(*_: Any) -> None:
        raise _refused(pointer, "a document type is not taken")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: opened.pop()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as err:
        raise _refused(pointer, f"line {err.lineno} is not well-formed XML") from err
    return tags


def _is_text(tag: _Tag) -> bool:
    # What stands behind a URL is shown by Label Studio and never fetched here.
    return tag.name == "Text" and tag.attributes.get("valueType", "text") == "text"


def _names(themes: Sequence[Theme]) -> dict[str, str]:
    named = dict.fromkeys(BOILERPLATE_NAMES, BOILERPLATE)
    named |= {name_key(name): theme.id for theme in themes for name in (theme.name_id, theme.name_en)}
    return named | {name_key(output): output for output in (*(theme.id for theme in themes), BOILERPLATE)}


def _controls(tag: _Tag, texts: Mapping[str | None, str], names: Mapping[str, str]) -> list[Control]:
    if tag.name not in _OPTIONS or tag.attributes.get("perRegion") == "true":
        return []
    options = {names[name_key(option)]: option for option in tag.options if name_key(option) in names}
    about = [name.strip() for name in tag.attributes.get("toName", "").split(",") if name.strip() in texts]
    if not about or not set(options) - {BOILERPLATE}:
        return []
    multiple = tag.attributes.get("choice") == "multiple"
    return [Control(tag.attributes.get("name", ""), about[0], options, multiple)]


def _refused(pointer: str, detail: str) -> ProblemError:
    where = FieldError(pointer, detail)
    return ProblemError(
        422, "unusable-label-config", "This labelling configuration is of no use; see errors.", (where,)
    )
