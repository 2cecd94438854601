import gzip
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from classifier import InputRejectedError
from training.archive.sources import Source, find


class _KilledError(BaseException):
    """No handler for what the code expects to fail takes it."""


def _find(path: Path) -> Source:
    return next(find((str(path),), None, path.parent / "unpacked", 1 << 20))


def _killed_after(number: int, call: Callable[..., Any]) -> Callable[..., Any]:
    left = iter(range(number))

    def killed(*arguments: Any) -> Any:
        if next(left, None) is None:
            raise _KilledError
        return call(*arguments)

    return killed


@pytest.mark.parametrize("call", ["replace", "fsync"])
@pytest.mark.parametrize("number", range(4))
def test_a_cut_file_is_known_as_cut_wherever_its_unpacking_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    packed = tmp_path / "in.csv.gz"
    packed.write_bytes(gzip.compress(b"id,text\n" + os.urandom(9000).hex().encode())[:-3000])

    with monkeypatch.context() as patch, suppress(_KilledError):
        patch.setattr(os, call, _killed_after(number, getattr(os, call)))
        _find(packed)

    assert "cut or damaged" in _find(packed).damage


@pytest.mark.parametrize("name", [b"a\xff.jsonl", b"b\xff/a.jsonl"])
def test_a_name_that_is_not_utf8_is_refused_in_a_line_that_is(tmp_path: Path, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text("{}")

    for given in (path, tmp_path):
        with pytest.raises(InputRejectedError, match=r"\\xff.*: the name is not UTF-8") as raised:
            _find(given)
        assert str(raised.value).encode()
