import contextlib
import json
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifier.errors import InputRejectedError
from training.codebook import read_codebook
from training.exchange.kinds import KINDS, read, write
from training.exchange.tasks import Prediction, Task, Vote

ROOT = Path(__file__).parents[3]
CODEBOOK = read_codebook(ROOT / "labels")
OUTPUTS = (*CODEBOOK.theme_ids, "boilerplate")

# What text may hold: no NUL and no half surrogate, which every reader refuses.
_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
_name = st.text("abz019-:=@'#,; \"\n", min_size=1, max_size=8)
_themes = st.sets(st.sampled_from(CODEBOOK.theme_ids)).map(
    lambda chosen: tuple(theme for theme in CODEBOOK.theme_ids if theme in chosen)
)


@st.composite
def _votes(draw: st.DrawFn) -> tuple[Vote, ...]:
    readers = draw(st.lists(_name, max_size=3, unique=True)) or draw(st.sampled_from([[], [""]]))
    return tuple(draw(_vote(reader)) for reader in readers)


@st.composite
def _vote(draw: st.DrawFn, reader: str) -> Vote:
    boilerplate = draw(st.booleans())
    labels = () if boilerplate else draw(_themes)
    said = {"boilerplate"} if boilerplate else set(labels)
    asked = draw(st.none() | st.sets(st.sampled_from(OUTPUTS)).map(lambda extra: extra | said))
    whole = asked is None or len(asked) == len(OUTPUTS)
    ordered = None if whole else tuple(o for o in OUTPUTS if o in (asked or ()))
    return Vote(reader, labels, boilerplate, ordered, draw(st.booleans()))


_predictions = st.builds(
    lambda labels, boilerplate, model, scores, score: Prediction(
        () if boilerplate else labels, boilerplate, model, scores, score
    ),
    _themes,
    st.booleans(),
    st.sampled_from(["", "8fd3a0"]),
    st.dictionaries(st.sampled_from(CODEBOOK.theme_ids), st.floats(0, 1)),
    st.none() | st.floats(0, 1),
)
_meta = st.dictionaries(st.sampled_from(["date", "outlet", "url"]), _name)
_task = st.builds(Task, _name, _text, st.just("") | _name, _votes(), st.none() | _predictions, _meta)
_tasks = st.lists(_task, min_size=1, max_size=4, unique_by=lambda task: task.id)


def held(kind: str, tasks: Sequence[Task]) -> tuple[Task, ...]:
    return KINDS[kind].capacity.cut(tasks)[0]


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(tasks=_tasks)
def test_tasks_pass_through_any_two_formats_but_for_the_losses_that_are_told(tasks: list[Task]) -> None:
    for first in KINDS:
        raw, told = write(tasks, CODEBOOK, first)
        between = held(first, read(raw, CODEBOOK, first).tasks)
        assert (first, between) == (first, held(first, tasks))
        for second in KINDS:
            raw, told = write(between, CODEBOOK, second)
            after = held(second, read(raw, CODEBOOK, second).tasks)
            assert (first, second, after) == (first, second, held(second, between))
            assert bool(told) == (after != between)


_KEYS = (
    "id", "task", "text", "data", "label", "labels", "annotations", "predictions", "result", "type", "value", "choices",
    "annotator", "completed_by", "was_cancelled", "options", "accept", "answer", "meta", "metadata", "subjects", "uri",
    "document_id", "annotation_id", "predicted", "model", "score", "model_version", "article", "date", "boilerplate",
)  # fmt: skip
# Records that every format reads, but for what is put in the place of a field.
_WHOLE = {"text": "x", "data": {"text": "x"}, "label": "merit", "labels": ["merit"], "answer": "accept", "accept": []}
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["merit", "choices", "accept", "x", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=6),
    max_leaves=20,
)


@settings(max_examples=100)
@given(
    values=st.lists(st.dictionaries(st.sampled_from(_KEYS), _json, max_size=8).map(_WHOLE.__or__), max_size=2),
    array=st.booleans(),
)
def test_whatever_json_comes_in_is_read_or_refused(values: list[object], array: bool) -> None:
    raw = (json.dumps(values) if array else "\n".join(map(json.dumps, values))).encode()
    for kind in (None, *KINDS):
        with contextlib.suppress(InputRejectedError):
            read(raw, CODEBOOK, kind)


@given(
    raw=st.binary(max_size=60), head=st.sampled_from([b"", b"text,label\n", b"id;text;merit\n", b"PAR1", b"[", b"{"])
)
def test_whatever_bytes_come_in_are_read_or_refused(raw: bytes, head: bytes) -> None:
    with contextlib.suppress(InputRejectedError):
        read(head + raw, CODEBOOK)
