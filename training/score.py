"""Batch scoring as a command: archives of articles in, a table of themes out.  Needs no scikit-learn."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from training.archive.backends import Backend
from training.archive.options import KEPT_BY_DEFAULT, Options
from training.archive.run import Run
from training.archive.target import Summary, output_kind


def score(
    inputs: tuple[str, ...],
    target: str,
    model: Path,
    *,
    keep: str | None,
    to: str | None,
    backend: Backend,
    max_rejected: int,
    dry_run: bool,
    say: Callable[[str], None],
    **options: Any,
) -> None:
    """Score `inputs` into `target` as the command's options say, and say what was done."""
    kept = KEPT_BY_DEFAULT if keep is None else tuple(filter(None, keep.split(",")))
    kind = output_kind(target, to)
    chosen = Options(output=kind, keep=kept, required=keep is not None, **options)
    run = Run(inputs, target, model, chosen, backend, max_rejected)
    if dry_run:
        run.look(say)
        return
    start = time.monotonic()
    for line in report(run.score(), target, time.monotonic() - start):
        say(line)


def report(done: Summary, target: str, seconds: float) -> list[str]:
    """List the lines of the closing summary."""
    total = done.articles + done.rejected
    counts = ", ".join(f"{theme} {n}" for theme, n in done.themes.items())
    return [
        f"scored {done.articles} articles into {target} in {seconds:.1f} s: {done.rows} rows written, "
        f"{done.rejected} of {total} rejected, {done.empty} without content, "
        f"{done.repeated} with the id of an earlier one",
        f"articles with a theme: {counts}",
    ]


if __name__ == "__main__":
    import sys

    from asn_themes import main

    main(["score", *sys.argv[1:]])
