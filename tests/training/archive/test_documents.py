import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import InputRejectedError
from training.archive.documents import _strict, document, from_json
from training.archive.options import Options

OPTIONS = Options()
KEY = st.sampled_from(["id", "text", "title", "html", "date", "x", "te\\u0078t", 'a\\":', "b: ", "c\\u003a", "\\\\"])
STRING = st.sampled_from(
    ['"a"', '"b: c"', '"d\\":1"', '"\\u0000"', '"\\ud800"', '"é\\u003a “:”"', '""', '"\\\\"', '"a" ']
)
VALUE = STRING | st.sampled_from(
    ["null", "true", "false", "0", "-0", "7", "1e5", "1.50", "12345678901234567890123", "1e999", "NaN", "[1,2.0]",
     '{"a":1,"a":2}', '["x: y"]', "01", "'a'"]
)  # fmt: skip
SPACE = st.sampled_from(["", "", " ", "\t", "\r"])
PAIR = st.tuples(SPACE, KEY, SPACE, SPACE, VALUE).map(lambda p: f'{p[0]}"{p[1]}"{p[2]}:{p[3]}{p[4]}')
ROW = st.lists(PAIR, max_size=5).map(lambda pairs: "{" + ",".join(pairs) + "}")


def _outcome(read: object) -> object:
    try:
        return read()  # type: ignore[operator]
    except InputRejectedError as err:
        return str(err)


@given(ROW | st.text(max_size=20) | ROW.map(lambda row: row[:-1]))
def test_the_fast_way_reads_what_the_strict_way_reads_and_refuses_what_it_refuses(row: str) -> None:
    raw = row.encode(errors="surrogatepass")

    assert _outcome(lambda: from_json(raw, OPTIONS)) == _outcome(lambda: document(_strict(raw), OPTIONS))


@pytest.mark.parametrize(
    "twice", ['{"text":"a","text":"b"}', '{"text" :"a","t\\u0065xt":"b"}', '{"x":{"a":1,"a":1},"text":"b"}']
)
def test_a_key_that_comes_twice_is_refused(twice: str) -> None:
    with pytest.raises(InputRejectedError, match="a key twice"):
        from_json(twice.encode(), OPTIONS)


def test_the_text_of_any_object_comes_out_as_it_went_in() -> None:
    texts = ["", "pukul 10:30", '"kutipan":', "é\u2028\ufeff", "\U0001d400", "\\u0000"]

    for ascii_only in (False, True):
        rows = [json.dumps({"id": "1", "text": text}, ensure_ascii=ascii_only).encode() for text in texts]
        assert texts == [from_json(row, OPTIONS).text for row in rows]


def test_numbers_in_kept_lists_and_objects_stay_as_they_were_written() -> None:
    row = b'{"text":"a","k":[1,2.50,-0,{"n":1e5,"s":"7\\n\xc3\xa9","d":[]},[true,null]]}'

    kept = from_json(row, Options(keep=("k",))).kept

    assert kept == {"k": '[1, 2.50, -0, {"n": 1e5, "s": "7\\né", "d": []}, [true, null]]'}


@pytest.mark.parametrize("depth", [300, 900, 20_000])
def test_a_kept_value_of_any_depth_is_kept_or_rejected(depth: int) -> None:
    value = "[" * depth + "]" * depth
    row = f'{{"text":"a","k":{value}}}'.encode()

    assert _outcome(lambda: from_json(row, Options(keep=("k",))).kept) in ({"k": value}, "nested too deeply")
