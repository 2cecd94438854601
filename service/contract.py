"""``GET /openapi.json``: the contract, kept by hand in ``openapi.json``."""

from pathlib import Path

from flask import Blueprint, Response

blueprint = Blueprint("contract", __name__)
_FILE = Path(__file__).with_name("openapi.json")


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Return the contract (OpenAPI 3.1)."""
    return Response(_FILE.read_bytes(), mimetype="application/json")
