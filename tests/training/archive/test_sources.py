import gzip
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import zstandard

from classifier import InputRejectedError
from training.archive.sources import Source, find


class _KilledError(BaseException):
    """No handler for what the code expects to fail takes it."""


def _find(path: Path) -> Source:
    return next(find((str(path),), None, path.parent / f"{path.name}.unpacked", 1 << 20))


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


@pytest.mark.parametrize("size", [1, 4096, 10_240])
def test_zeros_after_a_member_of_gzip_are_padding(tmp_path: Path, size: int) -> None:
    packed = tmp_path / "in.csv.gz"
    member = gzip.compress(b"id,text\n")
    packed.write_bytes(member + bytes(size) + member + bytes(size))

    found = _find(packed)

    assert (found.damage, Path(found.path).read_bytes()) == ("", b"id,text\n" * 2)


@pytest.mark.parametrize("after", [b"\0", b"rubbish"])
def test_a_member_of_zstd_has_only_members_after_it(tmp_path: Path, after: bytes) -> None:
    packed = tmp_path / "in.csv.zst"
    packed.write_bytes(zstandard.compress(b"id,text\n") + after)

    assert "cut or damaged" in _find(packed).damage


@pytest.mark.parametrize("name", ["a.CSV.GZ", "a.csv.Gz", "a.CSV"])
def test_the_case_of_a_suffix_does_not_matter(tmp_path: Path, name: str) -> None:
    raw = b"id,text\n"
    (tmp_path / name).write_bytes(raw if name.endswith("CSV") else gzip.compress(raw))

    found = _find(tmp_path)

    assert (found.file, found.kind, Path(found.path).read_bytes()) == (str(tmp_path / name), "csv", raw)


@pytest.mark.parametrize("name", [b"a\xff.jsonl", b"b\xff/a.jsonl"])
def test_a_name_that_is_not_utf8_is_refused_in_a_line_that_is(tmp_path: Path, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text("{}")

    for given in (path, tmp_path):
        with pytest.raises(InputRejectedError, match=r"\\xff.*: the name is not UTF-8") as raised:
            _find(given)
        assert str(raised.value).encode()
