"""One run, from inputs to a published output: plan, resume, score, complete."""

import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from classifier import modelfile
from classifier.errors import InterruptedRunError, ResumeRefusedError
from classifier.extras import needed
from classifier.files import writing
from classifier.prior import at_prior, parse_shares
from training.archive.backends import Backend, scored
from training.archive.folder import RunFolder, opened
from training.archive.options import Options
from training.archive.part import Done, Job
from training.archive.plan import Plan, begin, make
from training.archive.readers import Reject
from training.archive.sources import find
from training.archive.target import (
    STDOUT,
    Summary,
    complete,
    completed,
    is_within,
    own_places,
    parts_done,
    refuse_overlap,
    run_folder,
    to_stdout,
)

_LOOK_ROWS = 1000


class _Model(NamedTuple):
    version: str
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """What to score, with what, to where.

    Attributes
    ----------
    inputs : tuple of str
        Files, folders, patterns, or ``-`` for stdin.
    target : str
        A file, a folder (ending in ``/``), or ``-`` for stdout.
    max_rejected : int
        Rows that may be rejected before nothing is published.
    """

    inputs: tuple[str, ...]
    target: str
    model: Path
    options: Options = field(default_factory=Options)
    backend: Backend = field(default_factory=Backend)
    max_rejected: int = 0

    def score(self) -> Summary:
        """Score the archive; the same call goes on where an interrupted one stopped.

        Raises
        ------
        AsnThemesError
            As documented in docs/archives.md, with the exit code of its kind.
        """
        advice = "run the same command again" + ("" if self.target == STDOUT else " to go on")
        with _stoppable(advice), tempfile.TemporaryDirectory(prefix="asn-themes-") as scratch:
            refuse_overlap(self.inputs, self.target)
            model = self._model()
            folder = run_folder(self.target, self.options.output, Path(scratch))
            # What no part of the run expects to fail has failed for the same reasons: space, rights, the disk.
            with opened(folder), writing(folder.path):
                return self._score(model, folder)

    def look(self, say: Callable[[str], None]) -> None:
        """Say what would be scored, and how its first rows read; write nothing."""
        with _stoppable("run the same command again"), tempfile.TemporaryDirectory(prefix="asn-themes-") as scratch:
            refuse_overlap(self.inputs, self.target)
            folder = run_folder(self.target, self.options.output, Path(scratch))
            plan = self._plan(self._model(), folder, Path(scratch))
            files = {span.file for part in plan.parts for span in part.spans}
            say(f"{len(files)} files, {plan.rows} rows, {plan.bytes / 1e6:.1f} MB, {len(plan.parts)} parts")
            rows = list(islice(plan.read(), _LOOK_ROWS))
            rejected = [row for row in rows if isinstance(row, Reject)]
            say(f"of the first {len(rows)} rows {len(rejected)} would be rejected")
            for reject in rejected[:10]:
                say(f"{reject.file}:{reject.line}: {reject.reason}")

    def _model(self) -> _Model:
        """Check the model and the prior; workers make classifiers of them."""
        model, version = modelfile.load(self.model)
        if prior := parse_shares(self.options.prior):
            at_prior(model, prior)
        return _Model(version, model.theme_ids)

    def _plan(self, model: _Model, folder: RunFolder, unpacked: Path) -> Plan:
        options = self.options
        sources = list(find(self.inputs, options.kind, unpacked, options.max_unpacked_bytes))
        if folder.manifest.exists():
            # A pattern may match what the run has made since the same command was given first.
            own = own_places(self.target)
            sources = [source for source in sources if not is_within(Path(source.file).resolve(), own)]
        else:
            refuse_overlap([source.file for source in sources], self.target)
        return make(model.version, options, sources)

    def _score(self, model: _Model, folder: RunFolder) -> Summary:
        plan = self._plan(model, folder, folder.unpacked)
        try:
            begin(plan, folder)
        except ResumeRefusedError:
            # What was unpacked to make the plan; a run that is finished has nothing else to tidy.
            if folder.success.exists():
                folder.tidy(parts=False)
            raise
        earlier = completed(self.target, folder, plan, self.max_rejected)
        if earlier:
            return earlier
        folder.prepare()
        job = Job(Path.cwd(), folder, self.model.absolute(), model.version, self.options)
        dones = {done.number: done for done in parts_done(folder, plan)}
        with _progress(plan, list(dones.values())) as advance:
            left = [part for part in plan.parts if part.number not in dones]
            for done in scored(job, left, self.backend):
                dones[done.number] = done
                if self.target == STDOUT:
                    to_stdout(folder, plan, done, model.themes)
                advance(done)
        records = [dones[part.number] for part in plan.parts]
        return complete(self.target, folder, plan, records, model.themes, self.max_rejected)


@contextmanager
def _progress(plan: Plan, earlier: Sequence[Done]) -> Iterator[Callable[[Done], None]]:
    """Show rows, MB/s and the time left on a terminal; nothing where stderr is none."""
    tqdm = needed("tqdm", "batch").tqdm
    rows = sum(done.articles + done.rejected for done in earlier)
    start = sum(done.bytes for done in earlier)
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with tqdm(total=plan.bytes, initial=start, unit="B", unit_scale=True, file=sys.stderr) as bar:

        def advance(done: Done) -> None:
            nonlocal rows
            rows += done.articles + done.rejected
            bar.set_postfix_str(f"{rows} of {plan.rows} rows", refresh=False)
            bar.update(done.bytes)

        yield advance


@contextmanager
def _stoppable(advice: str) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the run with some advice; what is finished stays."""
    received: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        if not received:
            received.append(number)
            raise KeyboardInterrupt

    before: dict[int, Any] = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt as err:
        raise InterruptedRunError(f"run: stopped; {advice}", received[0]) from err
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
