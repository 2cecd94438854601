"""Who scores the parts: this process, processes beside it, or a Dask cluster; all through joblib."""

import multiprocessing
import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from classifier.errors import OutputFailedError, SettingError
from classifier.extras import needed
from training.archive.part import Done, Job, Place, last_row, score
from training.archive.plan import Part

_ATTEMPTS = 3
#: Rows of one part that may kill their workers before something else must be wrong.
_MOST_DEADLY = 20
#: A part takes seconds, pages of HTML some minutes: a worker that is silent for longer hangs, which is as good as dead.
_HANG_S = 1800
#: How long a worker may outlive its parent; a command given again takes longer to begin.
_ORPHAN_S = 0.2
_TRACKER = "joblib.externals.loky.backend.resource_tracker"


@dataclass(frozen=True, slots=True)
class Backend:
    """Where the work is done.

    Attributes
    ----------
    name : str
        ``loky`` for processes here, ``dask`` for a cluster.
    jobs : int
        Processes; on a cluster, those it has.
    scheduler : str or None
        The cluster's address, as ``tcp://127.0.0.1:8786``.
    """

    name: str = "loky"
    jobs: int = 1
    scheduler: str | None = None

    def __post_init__(self) -> None:
        if (self.name == "dask") != (self.scheduler is not None):
            raise SettingError("setting: --backend dask and --scheduler tcp://… go together")


def scored(job: Job, parts: Sequence[Part], backend: Backend) -> Iterator[Done]:
    """Score parts, several at a time, and give their records in order.

    A part whose worker dies is tried again; it can't be done twice, since it has one name.  Where workers keep dying,
    the parts that they died at are scored one by one, with care, until each row that kills is found and rejected.

    Raises
    ------
    OutputFailedError
        If workers die for no row.
    """
    left = list(parts)
    died = _worker_deaths(backend)
    # A single job runs in this process.  Once there are workers, the last part has one too: it may be what kills.
    jobs = min(backend.jobs, len(parts))
    deaths = 0
    while left:
        try:
            for done in _run(job, left, backend, jobs):
                left, deaths = left[1:], 0
                yield done
        except died:
            deaths += 1
        if deaths == _ATTEMPTS:
            # Parts are begun in order: the one that kills is among the first.
            for part in left[: backend.jobs]:
                yield _with_care(job, part, backend)
            left, deaths = left[backend.jobs :], 0


def _with_care(job: Job, part: Part, backend: Backend) -> Done:
    deadly: frozenset[Place] = frozenset()
    while len(deadly) < _MOST_DEADLY:
        try:
            (done,) = _run(job, [part], backend, 2, deadly)
            return done
        except _worker_deaths(backend):
            last = last_row(job.folder, part.number)
            if last is None or last in deadly:
                break
            deadly |= {last}
    raise OutputFailedError(
        f"output: workers keep dying at part {part.number}; look for what ends them (memory?), or use fewer --jobs"
    )


def _run(
    job: Job, parts: Sequence[Part], backend: Backend, jobs: int, deadly: frozenset[Place] | None = None
) -> Iterator[Done]:
    joblib = needed("joblib", "batch")
    with _chosen(joblib, backend), warnings.catch_warnings():
        # Where a run ends early, it says so itself.
        warnings.filterwarnings("ignore", ".* could benefit from adjusting the input", UserWarning)
        on_cluster = backend.name == "dask"
        timeout = None if on_cluster or jobs == 1 else _HANG_S
        work = joblib.Parallel(-1 if on_cluster else jobs, return_as="generator", batch_size=1, timeout=timeout)
        yield from work(joblib.delayed(score)(job, part, deadly) for part in parts)


def _follow(parent: int) -> None:
    """Prepare a worker: it is its parent that answers Ctrl-C, which reaches all processes of a terminal.

    It ends with the parent too: loky's workers would finish their parts into a later run, then idle for minutes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_ORPHAN_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _chosen(joblib: Any, backend: Backend) -> Iterator[None]:
    if backend.name == "loky":
        with _quiet_tracker(), joblib.parallel_config("loky", initializer=_follow, initargs=(os.getpid(),)):
            yield
        return
    distributed = needed("distributed", "dask")
    try:
        client = distributed.Client(backend.scheduler, timeout="10s")
    except (OSError, ValueError) as err:
        raise SettingError(f"setting: no Dask scheduler at {backend.scheduler}; start one with dask scheduler") from err
    with client, joblib.parallel_config(backend="dask"):
        yield


@contextmanager
def _quiet_tracker() -> Iterator[None]:
    """Keep loky's resource tracker, a process of its own, from warning of the folders that a stopped run has removed.

    Its warnings would stand below the one line that says what to do.
    """
    given = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, (given, f"ignore::UserWarning:{_TRACKER}")))
    try:
        yield
    finally:
        os.environ.pop("PYTHONWARNINGS")
        if given is not None:
            os.environ["PYTHONWARNINGS"] = given


def _worker_deaths(backend: Backend) -> tuple[type[BaseException], ...]:
    if backend.name == "dask":
        return needed("distributed", "dask").KilledWorker, multiprocessing.TimeoutError
    return needed("joblib.externals.loky.process_executor", "batch").TerminatedWorkerError, multiprocessing.TimeoutError
