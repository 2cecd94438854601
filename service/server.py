"""The production server: gunicorn with the one configuration that we ship."""

import gc
import os
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from prometheus_client import multiprocess, values

from classifier import Classifier
from classifier.errors import SettingError
from classifier.prior import parse_shares
from service import logs
from service.app import create_app
from service.settings import Settings
from service.worker import WORKER_SIGNALS, ServiceWorker

_TIMEOUT_S = 30
_MAX_CONNECTIONS = 1000
_BACKLOG = 512


class _Logger(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's own messages, in the same format as ours."""

    def setup(self, cfg: Any) -> None:
        """Set up as gunicorn does, then change the format."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.JsonFormatter())


class _Arbiter(Arbiter):  # type: ignore[misc]  # gunicorn ships no types
    def handle_hup(self) -> None:
        """Let the workers look for a new model; none is replaced, so nothing under way is disturbed."""
        self.kill_workers(signal.SIGHUP)

    def spawn_worker(self) -> int:
        """Start a worker; what is signalled to it before it listens to signals waits until it does.

        The parent's handlers, which it has at first, would take the signal and do nothing: a stop that came while a
        worker started took until the end of the graceful time, 30 s.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, WORKER_SIGNALS)
        try:
            return int(super().spawn_worker())
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, WORKER_SIGNALS)


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn around an application; it listens from the moment that it is made.

    Raises
    ------
    SettingError
        If it can't listen there.
    """

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        # Not in `load_config`: what goes wrong there gunicorn tells in its own way.
        self._listener = _listen(settings)
        super().__init__()

    def load_config(self) -> None:
        """Set what is not gunicorn's default."""
        worker = type("Worker", (ServiceWorker,), {"settings": self._settings})
        settings: dict[str, Any] = {
            "bind": f"fd://{self._listener}",
            "workers": self._settings.workers,
            "worker_class": worker,
            "worker_connections": _MAX_CONNECTIONS,
            "backlog": _BACKLOG,
            "timeout": _TIMEOUT_S,
            "graceful_timeout": _TIMEOUT_S,
            "limit_request_fields": 64,
            "proc_name": "asn-themes",
            "loglevel": "warning",
            "logger_class": _Logger,
            "control_socket_disable": True,
            "post_worker_init": _start_watching,
            "worker_exit": _flush,
            "child_exit": _forget,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application, which the parent has loaded."""
        return self._app

    def run(self) -> None:
        """Serve until stopped."""
        # The model's many objects never go: no collection need look at them, and no worker copy their pages.
        gc.freeze()
        _Arbiter(self).run()


def _listen(settings: Settings) -> int:
    """Return the descriptor of a new listener; gunicorn's own try takes 5 s to fail and says nothing on what to do."""
    host = settings.host.strip("[]")
    try:
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, settings.port))
        listener.listen(_BACKLOG)
    # A TypeError is a name that can't be one.
    except (OSError, TypeError) as err:
        raise SettingError(
            f"setting: cannot listen on {settings.host}:{settings.port} ({err}); "
            "choose another ASN_THEMES_HOST or ASN_THEMES_PORT"
        ) from err
    return listener.detach()


def _start_watching(worker: ServiceWorker) -> None:
    if "models" in worker.wsgi.extensions:
        worker.wsgi.extensions["models"].start_watching()


def _flush(_: Arbiter, worker: ServiceWorker) -> None:
    if "metrics" in worker.wsgi.extensions:
        worker.wsgi.extensions["metrics"].flush()


def _forget(_: Arbiter, worker: ServiceWorker) -> None:
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def run(settings: Settings) -> None:
    """Load the model, then serve until stopped.

    Raises
    ------
    ModelRejectedError
        If the model can't be loaded: nothing is served then.
    SettingError
        If the prior is none, or the service can't listen where it is told to.
    """
    logs.configure()
    parent = os.getpid()
    folder = Path(tempfile.mkdtemp(prefix="asn-themes-"))
    try:
        _share_metrics(folder)
        app = create_app(
            settings, Classifier.load(settings.model, parse_shares(settings.prior)), sys.stderr, folder / "kept.npz"
        )
        server = Server(app, settings)
        # Shown before the workers start; the server's own log is for trouble.
        click.echo(_banner(settings))
        server.run()
    finally:
        # The workers come by here too when they exit.
        if os.getpid() == parent:
            shutil.rmtree(folder, ignore_errors=True)


def _share_metrics(folder: Path) -> None:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    # Chosen when the library was imported, before there was a folder.
    values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]


def _banner(settings: Settings) -> str:
    address = f"http://{settings.host}:{settings.port}"
    return (
        f"asn-themes serves on {address}; stop it with Ctrl-C. Try:\n"
        f"  curl -s {address}/classify -H 'Content-Type: text/plain' --data-binary @seeds/000_76956b78cd50b03e.txt"
    )
