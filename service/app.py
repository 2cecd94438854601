"""The Flask application."""

from flask import Flask

from classifier import Classifier
from service import problems, routes
from service.settings import Settings


def create_app(settings: Settings, classifier: Classifier) -> Flask:
    """Make the application that answers with `classifier` within the limits of `settings`."""
    app = Flask(__name__)
    app.extensions["settings"] = settings
    app.extensions["classifier"] = classifier
    app.register_blueprint(routes.blueprint)
    problems.register(app)
    return app
