"""The Flask application."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TextIO

from flask import Flask, Response
from werkzeug.routing import Rule

from classifier import Classifier
from service import annif, contract, feedback, huggingface, labelstudio, page, problems, routes
from service.front import Front
from service.metrics import Metrics
from service.models import Models
from service.settings import Settings


class _Rule(Rule):
    """A rule that compiles its builder of URLs when one is built: 28 took 8 ms of the start, no answer needs one."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        def build(rule: Rule, **values: object) -> tuple[str, str]:
            return Rule._compile_builder(rule, append_unknown)(rule, **values)

        return build


class _App(Flask):
    url_rule_class = _Rule

    def send_static_file(self, filename: str) -> Response:
        """Send a file; how long answers may be kept is said in one place, `service.front`."""
        response = super().send_static_file(filename)
        del response.headers["Cache-Control"]
        return response


def create_app(
    settings: Settings, classifier: Classifier, log: TextIO | None = None, kept: Path | None = None
) -> Flask:
    """Make the application that answers with `classifier` within the limits of `settings`.

    The line of each request goes to `log`.  With `kept`, a place for the last good model, it can take up another one.
    """
    app = _App(__name__)
    # A redirect would be built from what the client names as our host; two rules with a slash answer without it too.
    app.url_map.merge_slashes = False
    metrics = Metrics()
    app.extensions["settings"] = settings
    app.extensions["metrics"] = metrics
    app.extensions["models"] = Models(classifier, metrics, settings.model, kept)
    app.extensions["feedback"] = feedback.open_store(settings)
    labelstudio.prepare(settings)
    for part in (routes, page, contract, huggingface, annif, labelstudio, feedback):
        app.register_blueprint(part.blueprint)
    problems.register(app)
    classify = partial(routes.classify_body, settings=settings, models=app.extensions["models"], metrics=metrics)
    app.wsgi_app = Front(app.wsgi_app, classify, settings, metrics, log)  # type: ignore[method-assign]  # Flask's own advice
    return app
