"""Rows M1 to M9, M12 and M14 of the fault catalogue (docs/design.md)."""

import hashlib
import io
import json
import os
import pickle  # to forge files with: it writes here and never reads
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from classifier import ModelRejectedError, modelfile
from classifier.errors import OutputFailedError
from classifier.model import Model


def rehash(body: bytes) -> bytes:
    """Give bytes a digest that fits: what a forger could do."""
    return body + hashlib.sha256(body).hexdigest().encode()


def rebuilt(data: bytes, change: Callable[[dict[str, bytes]], None], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Change the members of a model file and sign it anew."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    change(members)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compression)
        archive.comment = b"0" * 64
    return rehash(buffer.getvalue()[:-64])


def npy(array: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]") -> bytes:
    """Write an array as numpy does: one of objects with its objects pickled, as a forger would."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version=(1, 0))
    return buffer.getvalue()


def header(descr: str, shape: str) -> bytes:
    """Make an array whose header lies about what follows."""
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (118 - len(text) - 1) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + b"\0" * 24


@pytest.fixture(scope="module")
def data(model: Model) -> bytes:
    return modelfile.dump(model)


def test_a_model_survives_the_round_trip_and_equal_models_give_equal_bytes(model: Model, data: bytes) -> None:
    back = modelfile.parse(data)

    assert data == modelfile.dump(back) == modelfile.dump(model)
    assert model.features.terms == back.features.terms
    assert model.coef.tolist() == back.coef.tolist()
    assert model.metadata == back.metadata


def test_every_flipped_bit_is_refused(data: bytes) -> None:
    """M1."""
    for place in range(len(data)):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[place] ^= 1 << bit
            with pytest.raises(ModelRejectedError):
                modelfile.version(bytes(damaged))


def test_every_truncation_and_addition_is_refused(data: bytes) -> None:
    """M2."""
    for length in range(len(data)):
        with pytest.raises(ModelRejectedError):
            modelfile.parse(data[:length])
    for other in (data + b"\0", b"\0" + data, data[:4096].ljust(8192, b"\0") + data[8192:], data + data):
        with pytest.raises(ModelRejectedError):
            modelfile.parse(other)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update({"coef.npy": npy(np.zeros((2, 6), dtype=np.float32))}),
        lambda m: m.update({"coef.npy": npy(np.asfortranarray(np.zeros((30, 6), dtype=np.float32)))}),
        lambda m: m.update({"idf.npy": npy(np.full(30, np.inf, dtype=np.float32))}),
        lambda m: m.update({"cuts.npy": header("<f4", "(1000000000000, 2)")}),
        lambda m: m.update({"cuts.npy": header("<f4", "(-6, -1)")}),
        lambda m: m.update({"cuts.npy": header("|O", "(3,)")}),
        # An array of objects is a pickle inside; it is refused by its type, unread.
        lambda m: m.update({"intercept.npy": npy(np.array([{}], dtype=object))}),
        lambda m: m.update({"intercept.npy": b"\x93NUMPY\x01\x00\xff\xff"}),
        lambda m: m.update({"intercept.npy": b""}),
        lambda m: m.update({"extra.npy": npy(np.zeros(1, dtype=np.float32))}),
        lambda m: m.pop("themes.npy"),
        lambda m: m.update({"themes.npy": npy(np.frombuffer(b"[" * 100_000, dtype=np.uint8))}),
        lambda m: m.update({"themes.npy": npy(np.frombuffer(b'[{"id":"a"}]', dtype=np.uint8))}),
        lambda m: m.update({"lexicon.npy": npy(np.frombuffer(b"\xff\xfe", dtype=np.uint8))}),
        lambda m: m.update({"metadata.npy": npy(np.frombuffer(b"[1,", dtype=np.uint8))}),
        lambda m: m.update({"terms_word.npy": npy(np.frombuffer(b"b\na", dtype=np.uint8))}),
    ],
    ids=str,
)
def test_a_forged_file_is_refused_by_what_its_parts_say(
    data: bytes, change: Callable[[dict[str, bytes]], None]
) -> None:
    """M3, M5, M6."""
    with pytest.raises(ModelRejectedError):
        modelfile.parse(rebuilt(data, change))


def test_parts_in_another_order_are_refused(data: bytes) -> None:
    """M3."""

    def swap(members: dict[str, bytes]) -> None:
        members["coef.npy"] = members.pop("coef.npy")

    with pytest.raises(ModelRejectedError, match="order"):
        modelfile.parse(rebuilt(data, swap))


def test_compressed_parts_are_refused_before_they_are_inflated(data: bytes) -> None:
    """M6."""

    def bomb(members: dict[str, bytes]) -> None:
        members["coef.npy"] = bytes(50 << 20)

    with pytest.raises(ModelRejectedError, match="compressed"):
        modelfile.parse(rebuilt(data, bomb, zipfile.ZIP_DEFLATED))


def test_nothing_in_a_foreign_file_is_run(tmp_path: Path) -> None:
    """M5."""
    canary = tmp_path / "canary"

    class Payload:
        def __reduce__(self) -> tuple[object, ...]:
            return os.system, (f"touch {canary}",)

    # Both would touch the canary as soon as anything unpickled them.
    for body in (pickle.dumps(Payload()), npy(np.array([Payload()], dtype=object))):
        for content in (body, rehash(body)):
            path = tmp_path / "model.npz"
            path.write_bytes(content)
            with pytest.raises(ModelRejectedError):
                modelfile.load(path)

    assert not canary.exists()


def test_only_a_regular_file_of_that_name_is_opened(tmp_path: Path, model_path: Path) -> None:
    """M7."""
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(model_path)
    os.mkfifo(pipe)

    for path in (link, pipe, tmp_path, tmp_path / "none", Path("/dev/zero")):
        with pytest.raises(ModelRejectedError):
            modelfile.load(path)


def test_an_oversized_file_is_refused_unread(tmp_path: Path) -> None:
    """M6."""
    path = tmp_path / "huge.npz"
    with path.open("wb") as file:
        file.truncate(modelfile.MAX_FILE_BYTES + 1)

    with pytest.raises(ModelRejectedError, match="bytes"):
        modelfile.load(path)


@pytest.mark.parametrize("number", [0, 1, 2**32 - 1])
def test_another_format_is_refused_naming_the_cure(data: bytes, number: int) -> None:
    """M8."""
    other = rebuilt(data, lambda m: m.update({"format.npy": npy(np.array([number], dtype=np.uint32))}))

    with pytest.raises(ModelRejectedError, match=rf"format {number}.*asn-themes train"):
        modelfile.parse(other)


def test_readers_see_the_old_model_or_the_new_one_and_never_a_part(model: Model, tmp_path: Path) -> None:
    """M9."""
    path = tmp_path / "model.npz"
    modelfile.save(model, path)
    done = threading.Event()
    seen: set[str] = set()

    def read() -> None:
        while not done.is_set():
            seen.add(modelfile.load(path)[1])

    reader = threading.Thread(target=read)
    reader.start()
    try:
        written = {modelfile.save(_with_note(model, i), path) for i in range(100)}
    finally:
        done.set()
        reader.join()

    assert seen <= written | {modelfile.version(modelfile.dump(model))}


def test_a_writer_killed_at_any_moment_leaves_a_whole_model(model: Model, model_path: Path, tmp_path: Path) -> None:
    """M9."""
    path = tmp_path / "model.npz"
    path.write_bytes(model_path.read_bytes())
    loop = (
        "import sys; from pathlib import Path; from classifier import modelfile; "
        "m, _ = modelfile.load(sys.argv[1]); print('go', flush=True)\n"
        "while True: modelfile.save(m, Path(sys.argv[1]))"
    )
    for delay in range(5):
        with subprocess.Popen([sys.executable, "-c", loop, str(path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            threading.Event().wait(0.01 * delay)
            process.kill()
        assert modelfile.load(path)[0].theme_ids == model.theme_ids


def test_a_failed_save_keeps_the_old_model_and_leaves_nothing_behind(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M12."""
    path = tmp_path / "model.npz"
    version = modelfile.save(model, path)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for call in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, fail)
            with pytest.raises(OutputFailedError, match="No space left"):
                modelfile.save(_with_note(model, 1), path)
        assert modelfile.load(path)[1] == version
        assert [path] == list(tmp_path.iterdir())


def test_saving_where_there_is_no_folder_says_so(model: Model, tmp_path: Path) -> None:
    """M12."""
    with pytest.raises(OutputFailedError, match="cannot write"):
        modelfile.save(model, tmp_path / "none" / "model.npz")


def test_the_version_is_the_hash_of_the_bytes_that_are_parsed(model_path: Path) -> None:
    """M14."""
    data = model_path.read_bytes()

    assert hashlib.sha256(data[:-64]).hexdigest() == modelfile.load(model_path)[1]


def _with_note(model: Model, number: int) -> Model:
    return Model(
        model.themes,
        model.lexicon,
        model.features,
        model.coef,
        model.intercept,
        model.cuts,
        {"note": json.dumps(number)},
    )
