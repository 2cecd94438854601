"""Where a run's output goes: one file published whole, a folder of parts, or stdout."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from classifier.errors import InputRejectedError, OutputFailedError, SettingError
from classifier.files import publish, whole, writing
from training.archive.folder import RunFolder
from training.archive.options import OUTPUTS, PACKED
from training.archive.part import Done, finished, sha256
from training.archive.plan import Plan
from training.archive.repeats import repeats
from training.archive.writers import append, join, writer

STDOUT = "-"
_SUFFIXES = {f".{output}": output for output in OUTPUTS} | {".ndjson": "jsonl"}


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did.

    Attributes
    ----------
    articles, rejected : int
        Rows scored and rows rejected; together all rows read.
    rows : int
        Rows written.
    empty : int
        Articles without a paragraph of content.
    repeated : int
        Articles whose id an earlier one has.
    themes : dict of str to int
        Articles that carry each theme.
    """

    articles: int
    rejected: int
    rows: int
    empty: int
    repeated: int
    themes: dict[str, int]


def summary(dones: Sequence[Done], repeated: int, themes: Sequence[str]) -> Summary:
    """Add up the records of all parts."""
    return Summary(
        articles=sum(done.articles for done in dones),
        rejected=sum(done.rejected for done in dones),
        rows=sum(done.rows for done in dones),
        empty=sum(done.empty for done in dones),
        repeated=repeated,
        themes={theme: sum(done.themes[theme] for done in dones) for theme in themes},
    )


def output_kind(target: str, asked: str | None) -> str:
    """Return the kind of output that a target's name, or else `asked`, says."""
    named = _SUFFIXES.get(Path(target).suffix.lower())
    kind = asked or named or ("jsonl" if target == STDOUT or _is_folder(target) else None)
    if not kind or Path(target).suffix.lower() in PACKED:
        raise SettingError(f"setting: {target}: end it in {', '.join(_SUFFIXES)} or /, or say --to")
    if target == STDOUT and kind == "parquet":
        raise SettingError("setting: Parquet is no stream; name a file with -o")
    return kind


def run_folder(target: str, kind: str, scratch: Path) -> RunFolder:
    """Return the folder that a run to `target` works in; `scratch` where nothing of it stays."""
    if target == STDOUT:
        return RunFolder(scratch, kind)
    path = Path(target)
    if path.is_symlink():
        raise OutputFailedError(f"output: {path} is a link; name the file that it leads to")
    if _is_folder(target):
        return RunFolder(path.absolute(), kind)
    if path.exists() and not path.is_file():
        raise OutputFailedError(f"output: {path} is no regular file; choose another place")
    folder = _work(path.absolute())
    if folder.is_symlink():
        raise OutputFailedError(f"output: {folder} is a link; remove it or choose another place")
    return RunFolder(folder, kind)


def refuse_overlap(inputs: Sequence[str], target: str) -> None:
    """Refuse an output in a folder that is read or over a file that is read, and files of the run itself as input.

    Raises
    ------
    SettingError
        If they overlap.
    """
    own = own_places(target)
    for name in inputs if target != STDOUT else ():
        given = Path(name).resolve()
        if is_within(given, own) or (given.is_dir() and own[0].is_relative_to(given)):
            raise SettingError(f"setting: the output {target} stands in the input {name}; choose another place")


def own_places(target: str) -> tuple[Path, Path]:
    """Return what a run to `target` makes: its output, and the folder of its work."""
    place = Path(target).resolve()
    return place, _work(place)


def is_within(path: Path, places: Iterable[Path]) -> bool:
    """Say whether a resolved path is one of `places` or stands in one of them."""
    return any(map(path.is_relative_to, places))


def _work(output: Path) -> Path:
    return output.with_name(f"{output.name}.parts")


def _is_folder(target: str) -> bool:
    return target.endswith("/") or Path(target).is_dir()


def to_stdout(folder: RunFolder, plan: Plan, done: Done, themes: tuple[str, ...]) -> None:
    """Pass a finished part on, its rejected rows to stderr, and forget it."""
    part, rejects = folder.part(done.number), folder.part_rejects(done.number)
    with writing(Path("stdout")):
        if done.number == 0:
            writer(sys.stdout.buffer, plan.options, themes)
        append(part, sys.stdout.buffer, plan.options)
        sys.stdout.buffer.flush()
    sys.stderr.buffer.write(rejects.read_bytes())
    sys.stderr.flush()
    part.unlink()
    rejects.unlink()


def complete(
    target: str, folder: RunFolder, plan: Plan, dones: Sequence[Done], themes: tuple[str, ...], max_rejected: int
) -> Summary:
    """Publish what all parts made: the rejected and the repeated rows, the output, and last the mark of success.

    Raises
    ------
    InputRejectedError
        If more rows were rejected than allowed, or an input was cut; the parts are kept.
    """
    lines = repeats(folder, plan.parts)
    repeated = sum(1 for _ in lines) if target == STDOUT else _write_ledgers(folder, plan, lines)
    total = summary(dones, repeated, themes)
    what = "nothing is kept" if target == STDOUT else "nothing is published, the work is kept"
    if plan.damage:
        raise InputRejectedError(f"input: {plan.damage[0]}; {total.articles} whole rows were scored; {what}")
    _refuse_rejected(total, max_rejected, folder, what)
    if target == STDOUT:
        if not plan.parts:
            writer(sys.stdout.buffer, plan.options, themes)
        return total
    published = None
    if not _is_folder(target):
        with whole(Path(target).absolute(), folder.path) as file:
            join([folder.part(part.number) for part in plan.parts], file, plan.options, themes)
        published = sha256(Path(target))
    mark = {"summary": asdict(total), "sha256": published, "parts": [done.sha256 for done in dones]}
    publish(json.dumps(mark).encode(), folder.success)
    folder.tidy(parts=published is not None)
    return total


def _write_ledgers(folder: RunFolder, plan: Plan, lines: Iterable[bytes]) -> int:
    """Write the repeated rows, which are `lines`, and the rejected ones; return how many repeat an id."""
    repeated = 0
    with whole(folder.repeats) as file:
        for line in lines:
            file.write(line)
            repeated += 1
    with whole(folder.rejects) as file:
        for part in plan.parts:
            file.write(folder.part_rejects(part.number).read_bytes())
    return repeated


def _refuse_rejected(total: Summary, max_rejected: int, folder: RunFolder, what: str) -> None:
    if total.rejected > max_rejected:
        raise InputRejectedError(
            f"input: {total.rejected} of {total.articles + total.rejected} rows rejected, {max_rejected} allowed"
            f"{_first_reject(folder)}; {what}; mend them, or raise --max-rejected"
        )


def _first_reject(folder: RunFolder) -> str:
    try:
        with folder.rejects.open("rb") as file:
            first: dict[str, Any] = json.loads(file.readline())
    # To stdout there is none: the rows have gone to stderr.
    except (OSError, ValueError):
        return ""
    return f", {first['file']}:{first['line']} first ({first['reason']}), see {folder.rejects}"


def completed(target: str, folder: RunFolder, plan: Plan, max_rejected: int) -> Summary | None:
    """Return what an earlier run of the same plan made, where its output is still there as it was published.

    Where it is not, the mark of success is taken back.

    Raises
    ------
    InputRejectedError
        If that run was allowed to reject more rows than this one; its output stays.
    """
    try:
        mark: dict[str, Any] = json.loads(folder.success.read_bytes())
        hashes = [sha256(folder.part(part.number)) for part in plan.parts] if _is_folder(target) else mark["parts"]
        published = None if _is_folder(target) else sha256(Path(target))
    except (OSError, ValueError):
        mark, hashes, published = {}, [], ""
    if mark and (hashes, published) == (mark["parts"], mark["sha256"]):
        folder.tidy(parts=published is not None)
        total = Summary(**mark["summary"])
        _refuse_rejected(total, max_rejected, folder, "published when more were allowed")
        return total
    with writing(folder.path):
        folder.success.unlink(missing_ok=True)
    return None


def parts_done(folder: RunFolder, plan: Plan) -> list[Done]:
    """List the records of the parts that an earlier run of this plan finished."""
    found = (finished(folder, part.number) for part in plan.parts)
    return [done for done in found if done]
