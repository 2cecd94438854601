"""Model files: one ``.npz`` of plain arrays that ends in the SHA-256 of all its other bytes.

The digest stands in the archive's comment, the last 64 bytes.  It covers every byte before it, zip bookkeeping
included, so that any flipped bit, cut or addition is refused before a byte is parsed; it is also the model's version.
It protects against damage, not against forgery: what the arrays say is checked again when the record is made.
"""

import hashlib
import io
import json
import os
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.errors import ModelRejectedError
from classifier.features import BLOCKS, Features
from classifier.files import publish
from classifier.lexicon import Lexicon
from classifier.model import Model, Theme

FORMAT = 2
MAX_FILE_BYTES = 64 << 20
_DIGEST_CHARS = 64
_MAX_HEADER_BYTES = 4096
_CURE = "retrain with `asn-themes train` or copy the file again"

_TYPES = {
    "coef": np.dtype(np.float32),
    "context": np.dtype(np.float32),
    "cuts": np.dtype(np.float32),
    "format": np.dtype(np.uint32),
    "idf": np.dtype(np.float32),
    "intercept": np.dtype(np.float32),
    "lexicon": np.dtype(np.uint8),
    "metadata": np.dtype(np.uint8),
    "themes": np.dtype(np.uint8),
    **{f"terms_{block}": np.dtype(np.uint8) for block in BLOCKS},
}
_MEMBERS = sorted(_TYPES)


def dump(model: Model) -> bytes:
    """Write `model` as the bytes of a model file; equal models give equal bytes."""
    arrays: dict[str, NDArray[Any]] = {
        "format": np.array([FORMAT], dtype=np.uint32),
        "coef": model.coef,
        "intercept": model.intercept,
        "cuts": model.cuts,
        "context": model.context,
        "idf": model.features.idf,
        "lexicon": _encode(model.lexicon.to_json()),
        "themes": _encode(_json([theme._asdict() for theme in model.themes])),
        "metadata": _encode(_json(model.metadata)),
        **{
            f"terms_{block}": _encode("\n".join(terms))
            for block, terms in zip(BLOCKS, model.features.terms, strict=True)
        },
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in _MEMBERS:
            member = io.BytesIO()
            # numpy's default is to pickle arrays of objects: here they fail.
            np.lib.format.write_array(member, np.ascontiguousarray(arrays[name]), version=(1, 0), allow_pickle=False)
            # The fixed date of ZipInfo keeps the bytes the same from run to run.
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue())
        archive.comment = b"0" * _DIGEST_CHARS
    body = buffer.getvalue()[:-_DIGEST_CHARS]
    return body + _digest(body)


def parse(data: bytes) -> Model:
    """Read a model from the bytes of a model file.

    Raises
    ------
    ModelRejectedError
        If anything in it is not as `dump` writes it.
    """
    version(data)
    try:
        arrays = _members(data)
        return _record(arrays)
    except ModelRejectedError:
        raise
    # Whatever a parser trips over in foreign bytes has one meaning and one cure here.
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, EOFError, NotImplementedError, RecursionError) as err:
        raise ModelRejectedError(f"model: not a model file of this project ({type(err).__name__}); {_CURE}") from err


def version(data: bytes) -> str:
    """Return the version of a model file, the SHA-256 it ends in, after checking it."""
    body, stated = memoryview(data)[:-_DIGEST_CHARS], data[-_DIGEST_CHARS:]
    if not body or _digest(body) != stated:
        raise ModelRejectedError(f"model: damaged, or not a model file of this project; {_CURE}")
    return stated.decode()


def read(path: "str | os.PathLike[str]") -> bytes:
    """Read the bytes of a model file, refusing anything but a regular file of a reasonable size.

    Raises
    ------
    ModelRejectedError
        If there is no such file, or it is a link, a folder, a pipe, or over `MAX_FILE_BYTES`.
    """
    try:
        # O_NONBLOCK: opening a named pipe must not wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as err:
        raise ModelRejectedError(
            f"model: cannot open {path} ({err.strerror}); train one with `asn-themes train`"
        ) from err
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise ModelRejectedError(f"model: {path} is not a regular file; name the model file itself")
    with os.fdopen(descriptor, "rb") as file:
        if status.st_size > MAX_FILE_BYTES:
            raise ModelRejectedError(f"model: {path} has {status.st_size} bytes, more than {MAX_FILE_BYTES}; {_CURE}")
        return file.read()


def load(path: "str | os.PathLike[str]") -> tuple[Model, str]:
    """Read the model at `path` and its version; the bytes that are hashed are the bytes that are parsed."""
    data = read(path)
    # Parsed, the version that stands at its end is the right one: hashing it again would take a millisecond.
    return parse(data), data[-_DIGEST_CHARS:].decode()


def save(model: Model, path: "str | os.PathLike[str]") -> str:
    """Publish `model` at `path` whole or not at all, and return its version.

    Raises
    ------
    OutputFailedError
        If it cannot be written; what stood at `path` stays.
    """
    data = dump(model)
    publish(data, Path(path))
    return version(data)


def _digest(body: bytes | memoryview) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))


def _encode(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _members(data: bytes) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        if [info.filename for info in infos] != [f"{name}.npy" for name in _MEMBERS]:
            raise ModelRejectedError(f"model: parts are missing, foreign or out of order; {_CURE}")
        # Stored parts can't declare more than the file holds: no decompression, no bomb.
        if any(info.compress_type != zipfile.ZIP_STORED or info.file_size > len(data) for info in infos):
            raise ModelRejectedError(f"model: compressed or oversized parts; {_CURE}")
        return {name: _array(name, archive.read(info)) for name, info in zip(_MEMBERS, infos, strict=True)}


def _array(name: str, member: bytes) -> NDArray[Any]:
    """Read one array without believing its header: the declared size must be the size that is there."""
    stream = io.BytesIO(member)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ModelRejectedError(f"model: part {name} has an unknown layout; {_CURE}")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream, max_header_size=_MAX_HEADER_BYTES)
    content = memoryview(member)[stream.tell() :]
    # Python integers: a shape of 10^12 rows is compared here, never allocated.
    size = dtype.itemsize
    for n in shape:
        size *= n
    if dtype != _TYPES[name] or fortran or len(shape) > 2 or min(shape, default=0) < 0 or size != len(content):
        raise ModelRejectedError(f"model: part {name} is not what it declares; {_CURE}")
    return np.frombuffer(content, dtype=dtype).reshape(shape)


def _record(arrays: Mapping[str, NDArray[Any]]) -> Model:
    stated = int(arrays["format"].item())
    if stated != FORMAT:
        raise ModelRejectedError(
            f"model: format {stated}, this release reads {FORMAT}; retrain with `asn-themes train`"
        )
    text = {name: str(arrays[name].data, "utf-8") for name in _MEMBERS if arrays[name].dtype == np.uint8}
    return Model(
        themes=tuple(Theme(**theme) for theme in json.loads(text["themes"])),
        lexicon=Lexicon.from_json(text["lexicon"]),
        features=Features(tuple(_lines(text[f"terms_{block}"]) for block in BLOCKS), arrays["idf"]),
        coef=arrays["coef"],
        intercept=arrays["intercept"],
        cuts=arrays["cuts"],
        metadata=json.loads(text["metadata"]),
        context=arrays["context"],
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()
