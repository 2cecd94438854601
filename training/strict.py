"""Strict JSON: what could be read in two ways is refused, with the reason alone and never a word of the text."""

import json
import math
from typing import Any, NoReturn

from classifier.errors import InputRejectedError
from classifier.text import unsound

BOM = b"\xef\xbb\xbf"


class Number(str):
    """A number as written: ids keep their digits, and a text that is a number is still none."""

    __slots__ = ()


def decode(raw: bytes) -> Any:
    """Read one JSON value; numbers become `Number`.

    Raises
    ------
    InputRejectedError
        With the reason: not UTF-8, not JSON, a key twice, a number that JSON has not, nested too deeply.
    """
    try:
        return _DECODER.decode(raw.removeprefix(BOM).decode("utf-8"))
    except UnicodeDecodeError as err:
        raise InputRejectedError(f"not UTF-8 at byte {err.start}") from err
    except json.JSONDecodeError as err:
        raise InputRejectedError(f"not JSON at character {err.pos}") from err
    except RecursionError as err:
        raise InputRejectedError("nested too deeply") from err


def sound(name: str, value: str) -> str:
    """Return `value` where all of it is text that can be kept.

    Raises
    ------
    InputRejectedError
        If it holds a NUL or half a surrogate pair.
    """
    if wrong := unsound(value):
        raise InputRejectedError(f"`{name}` {wrong}")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise InputRejectedError("a key twice in one object")
    return value


def _float(text: str) -> Number:
    return Number(text) if math.isfinite(float(text)) else _no_number(text)


def _no_number(_: str) -> NoReturn:
    raise InputRejectedError("NaN, Infinity and numbers too large for JSON are none")


# Made once: json.loads with hooks builds a decoder a call, which costs as much as a short article.
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=Number, parse_float=_float, parse_constant=_no_number)
