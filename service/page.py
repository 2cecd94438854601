"""The page: static files, and the articles that it offers to try."""

import csv
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, Response

from service.problems import ProblemError
from service.routes import answer, settings

blueprint = Blueprint("page", __name__)
_PAGE = Path(__file__).with_name("static") / "index.html"


class Seed(NamedTuple):
    """An article to try, as ``sources.tsv`` of the seeds folder lists it."""

    id: int
    title: str
    outlet: str
    date: str


@blueprint.get("/", strict_slashes=False)
def page() -> Response:
    """Show the page."""
    return Response(_PAGE.read_bytes(), mimetype="text/html")


@blueprint.get("/seeds")
def seeds() -> Response:
    """List the articles to try; none where the server has no seeds folder."""
    return answer([seed._asdict() for seed, _ in _seeds(settings().seeds)])


@blueprint.get("/seeds/<int:number>")
def seed(number: int) -> Response:
    """Return the text of an article to try."""
    for found, path in _seeds(settings().seeds):
        if found.id == number and path.is_file():
            return answer({**found._asdict(), "text": path.read_text("utf-8")})
    raise ProblemError(404, "not-found", "There is no such article; see /seeds.")


def _seeds(folder: Path) -> list[tuple[Seed, Path]]:
    source = folder / "sources.tsv"
    if not source.is_file():
        return []
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    # Path(...).name: a list of seeds names files beside it and nothing else.
    return [
        (Seed(n, row["title"], row["outlet"], row["date"]), folder / Path(row["file"]).name)
        for n, row in enumerate(rows)
    ]
