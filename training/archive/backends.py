"""Who scores the parts: this process, processes beside it, or a Dask cluster; all through joblib."""

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from classifier.errors import OutputFailedError, SettingError
from classifier.extras import needed
from training.archive.part import Done, Job, score
from training.archive.plan import Part

BACKENDS = ("loky", "dask")
_ATTEMPTS = 3
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

    A part whose worker dies is tried again; it can't be done twice, since it has one name.

    Raises
    ------
    OutputFailedError
        If workers keep dying.
    """
    left = list(parts)
    died = _worker_deaths(backend)
    for _ in range(_ATTEMPTS):
        try:
            for done in _run(job, left, backend):
                left = left[1:]
                yield done
            return
        except died:
            continue
    raise OutputFailedError(
        f"output: workers died {_ATTEMPTS} times, at part {left[0].number} or after it; "
        "look for what ends them (memory?), or use fewer --jobs"
    )


def _run(job: Job, parts: Sequence[Part], backend: Backend) -> Iterator[Done]:
    joblib = needed("joblib", "batch")
    with _chosen(joblib, backend):
        jobs = -1 if backend.name == "dask" else max(1, min(backend.jobs, len(parts)))
        work = joblib.Parallel(n_jobs=jobs, return_as="generator", batch_size=1)
        yield from work(joblib.delayed(_work)(job, part, os.getpid()) for part in parts)


def _work(job: Job, part: Part, parent: int) -> Done:
    # Ctrl-C reaches all processes of a terminal; the parent alone answers it, and ends its workers.
    if os.getpid() != parent and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return score(job, part)


@contextmanager
def _chosen(joblib: Any, backend: Backend) -> Iterator[None]:
    if backend.name == "loky":
        with _quiet_tracker(), joblib.parallel_config(backend="loky"):
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
        return (needed("distributed", "dask").KilledWorker,)
    return (needed("joblib.externals.loky.process_executor", "batch").TerminatedWorkerError,)
