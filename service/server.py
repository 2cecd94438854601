"""The production server: gunicorn with the one configuration that we ship."""

from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from classifier import Classifier
from classifier.prior import parse_shares
from service.app import create_app
from service.settings import Settings

_TIMEOUT_S = 30


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "workers": self._settings.workers,
            "timeout": _TIMEOUT_S,
            "graceful_timeout": _TIMEOUT_S,
            "proc_name": "asn-themes",
            "loglevel": "warning",
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def run(settings: Settings) -> None:
    """Load the model, then serve until stopped.

    Raises
    ------
    ModelRejectedError
        If the model can't be loaded: nothing is served then.
    SettingError
        If the prior is none.
    """
    app = create_app(settings, Classifier.load(settings.model, parse_shares(settings.prior)))
    # Shown before the workers start; the server's own log is for trouble.
    click.echo(_banner(settings))
    _Server(app, settings).run()


def _banner(settings: Settings) -> str:
    address = f"http://{settings.host}:{settings.port}"
    return (
        f"asn-themes serves on {address}; stop it with Ctrl-C. Try:\n"
        f"  curl -s {address}/classify -H 'Content-Type: text/plain' --data-binary @seeds/000_76956b78cd50b03e.txt"
    )
