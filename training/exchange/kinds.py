"""The formats by name, how one is told from another, and the two verbs: load and save."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.errors import InputRejectedError, SettingError
from classifier.files import publish
from training.codebook import Codebook
from training.exchange import annif, doccano, huggingface, labelstudio, prodigy, table
from training.exchange.capacity import Capacity
from training.exchange.containers import (
    Fields,
    Record,
    read_csv,
    read_json,
    read_jsonl,
    write_csv,
    write_json,
    write_jsonl,
)
from training.exchange.names import Names
from training.exchange.source import Columns, Source
from training.exchange.tasks import Loaded, Losses, Task
from training.strict import BOM

_PARQUET_MAGIC = b"PAR1"
_MAX_SHOWN = 10


@dataclass(frozen=True)
class Kind:
    """A format.

    Attributes
    ----------
    parse : callable
        Bytes to records.
    fits : callable
        Whether records look like it.
    read : callable
        Records to tasks.
    write : callable
        Tasks to bytes.
    capacity : Capacity
        What of a task it holds.
    """

    parse: Callable[[bytes], list[Record]]
    fits: Callable[[Sequence[Fields]], bool]
    read: Callable[[Sequence[Record], Source], tuple[Task, ...]]
    write: Callable[[Iterable[Task], Names], bytes]
    capacity: Capacity


_DOCCANO = Capacity(prediction=True, filled=True)
#: In the order in which a file is tried: those with marks of their own first.
KINDS: dict[str, Kind] = {
    "hf-parquet": Kind(
        huggingface.read_parquet,
        huggingface.fits,
        huggingface.read,
        lambda tasks, names: huggingface.write_parquet(huggingface.write(tasks), names),
        Capacity(),
    ),
    "labelstudio-json": Kind(
        read_json,
        labelstudio.fits,
        labelstudio.read,
        lambda tasks, _: write_json(labelstudio.write(tasks)),
        Capacity(readers=False, gold=True, prediction=True, score=True),
    ),
    "labelstudio-min": Kind(
        read_json,
        labelstudio.fits_min,
        labelstudio.read_min,
        lambda tasks, _: write_json(labelstudio.write_min(tasks)),
        Capacity(unread=False),
    ),
    "doccano-json": Kind(
        read_json, doccano.fits, doccano.read, lambda tasks, _: write_json(doccano.write_json(tasks)), _DOCCANO
    ),
    "prodigy": Kind(
        read_jsonl,
        prodigy.fits,
        prodigy.read,
        lambda tasks, names: write_jsonl(prodigy.write(tasks, names)),
        Capacity(asked=True, prediction=True, score=True),
    ),
    "annif": Kind(read_jsonl, annif.fits, annif.read, lambda tasks, _: write_jsonl(annif.write(tasks)), Capacity()),
    "doccano-jsonl": Kind(
        read_jsonl, doccano.fits, doccano.read, lambda tasks, _: write_jsonl(doccano.write_json(tasks)), _DOCCANO
    ),
    "hf-jsonl": Kind(
        read_jsonl,
        huggingface.fits,
        huggingface.read,
        lambda tasks, _: write_jsonl(huggingface.write(tasks)),
        Capacity(),
    ),
    "doccano-csv": Kind(
        read_csv, doccano.fits, doccano.read, lambda tasks, _: write_csv(doccano.write_csv(tasks)), _DOCCANO
    ),
    "csv": Kind(
        read_csv,
        table.fits,
        table.read,
        lambda tasks, names: write_csv(table.write(tasks, names)),
        Capacity(asked=True),
    ),
}


def load(path: Path, codebook: Codebook, kind: str | None = None, columns: Columns | None = None) -> Loaded:
    """Read the labelled texts of a file.

    Parameters
    ----------
    path : Path
        The file.
    codebook : Codebook
        Names of themes.
    kind : str, optional
        One of `KINDS`; by default it is told from what the file holds.
    columns : Columns, optional
        Where text and labels stand, if not where the format has them.

    Raises
    ------
    InputRejectedError
        If the file can't be read, is of no known format, or names a theme that the codebook has not.
    SettingError
        If there is no such kind.
    """
    try:
        return read(path.read_bytes(), codebook, kind, columns)
    except OSError as err:
        raise InputRejectedError(f"input: cannot read {path} ({err.strerror or err}); name another file") from err
    except InputRejectedError as err:
        raise InputRejectedError(f"input: {path}: {err}") from err


def save(tasks: Iterable[Task], path: Path, kind: str, codebook: Codebook) -> Losses:
    """Write labelled texts to a file and return what the format could not hold.

    Raises
    ------
    SettingError
        If there is no such kind.
    OutputFailedError
        If the file can't be written.
    """
    data, losses = write(tasks, codebook, kind)
    publish(data, path)
    return losses


def read(raw: bytes, codebook: Codebook, kind: str | None = None, columns: Columns | None = None) -> Loaded:
    """Read labelled texts from the bytes of a file; as `load`."""
    source = Source(Names(codebook), columns or Columns())
    name, records = _parsed(raw, None if kind is None else _known(kind))
    tasks = KINDS[name].read(records, source)
    _refuse_unknown(source)
    return Loaded(tasks, name, +source.losses)


def write(tasks: Iterable[Task], codebook: Codebook, kind: str) -> tuple[bytes, Losses]:
    """Return the bytes of a file of labelled texts, and what the format could not hold; as `save`."""
    chosen = KINDS[_known(kind)]
    kept, losses = chosen.capacity.cut(tasks)
    return chosen.write(kept, Names(codebook)), losses


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise SettingError(f"setting: no format {kind!r}; there are {', '.join(KINDS)}")
    return kind


def _parsed(raw: bytes, kind: str | None) -> tuple[str, list[Record]]:
    """Return the kind of a file and its records; a file of no record is of the first kind that it could be."""
    parse = KINDS[kind].parse if kind else _parser(raw)
    records = parse(raw)
    if kind:
        return kind, records
    fields = [record.fields for record in records]
    for name, candidate in KINDS.items():
        if candidate.parse is parse and candidate.fits(fields):
            return name, records
    raise InputRejectedError(f"of no known format; say which with --from: {', '.join(KINDS)}")


def _parser(raw: bytes) -> Callable[[bytes], list[Record]]:
    """Tell the container by its first bytes."""
    if raw.startswith(_PARQUET_MAGIC):
        return huggingface.read_parquet
    return {b"[": read_json, b"{": read_jsonl}.get(raw.removeprefix(BOM).lstrip()[:1], read_csv)


def _refuse_unknown(source: Source) -> None:
    if source.unknown:
        shown = ", ".join(f"{name!r} ({n})" for name, n in source.unknown.most_common(_MAX_SHOWN))
        more = f" and {len(source.unknown) - _MAX_SHOWN} more" if len(source.unknown) > _MAX_SHOWN else ""
        raise InputRejectedError(
            f"labels that are no theme here: {shown}{more}; name them under [aliases] in themes.toml, or leave them "
            "out with --drop"
        )
