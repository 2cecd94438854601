"""The rooms and which way imports point."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

ALLOWED = {
    "classifier": {"classifier", "numpy", "trafilatura"},
    "corrections": {"classifier", "corrections", "sqlalchemy"},
    "service": {
        "classifier",
        "corrections",
        "service",
        "flask",
        "werkzeug",
        "gunicorn",
        "click",
        "orjson",
        "prometheus_client",
    },
}
FORBIDDEN = {
    "training": {"service"},
    "classifier": {"corrections", "service", "training"},
    "corrections": {"service", "training"},
    "service": {"training", "sqlalchemy", "psycopg"},
}
MAX_LINES = 300


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("room", ALLOWED)
def test_serving_imports_what_serving_is_allowed_and_the_standard_library(room: str) -> None:
    foreign = {path.name: imported(path) - ALLOWED[room] - sys.stdlib_module_names for path in modules(room)}

    assert {name: names for name, names in foreign.items() if names} == {}


@pytest.mark.parametrize("room", FORBIDDEN)
def test_imports_point_one_way(room: str) -> None:
    assert all(not imported(path) & FORBIDDEN[room] for path in modules(room))


@pytest.mark.parametrize("room", ["classifier", "corrections", "service", "training"])
def test_a_module_stays_one_idea(room: str) -> None:
    longest = {p.name: n for p in modules(room) if (n := len(p.read_text(encoding="utf-8").splitlines())) > MAX_LINES}

    assert longest == {}


def test_nothing_that_is_loaded_is_unpickled() -> None:
    # Unpickling, and whatever is built on it, can run what a file's writer chose.
    for room in ALLOWED:
        assert all(not imported(path) & {"pickle", "joblib", "shelve", "marshal"} for path in modules(room))


def test_the_service_loads_nothing_of_training_and_no_database_without_feedback(model_path: Path) -> None:
    code = (
        "import sys, service.server, training.score; from service.app import create_app; "
        "from service.settings import Settings; from classifier import Classifier; "
        f"create_app(Settings(), Classifier.load({str(model_path)!r})).test_client().post('/feedback', json={{}}); "
        "print([m for m in ('sklearn', 'scipy', 'pandas', 'matplotlib', 'sqlalchemy', 'psycopg') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.strip() == "[]"
