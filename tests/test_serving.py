"""Serving where scikit-learn is not installed."""

import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

from tests.conftest import MERIT, ROOT

_SERVING = [
    "numpy", "flask", "werkzeug", "jinja2", "click", "itsdangerous", "blinker", "markupsafe", "gunicorn", "packaging",
    "orjson", "prometheus-client",
]  # fmt: skip
_CODE = """
import sys
sys.path[:0] = sys.argv[1:3]
from classifier import Classifier
from service.app import create_app
from service.settings import Settings
client = create_app(Settings(), Classifier.load(sys.argv[3])).test_client()
answer = client.post("/classify", json={"text": sys.argv[4]})
print(answer.status_code, answer.get_json()["themes"])
try:
    import sklearn
except ImportError:
    print("no scikit-learn")
"""


def test_a_machine_with_serving_dependencies_alone_answers(tmp_path: Path, model_path: Path) -> None:
    for name in _SERVING:
        for file in distribution(name).files or []:
            top = Path(str(file)).parts[0]
            source = Path(str(distribution(name).locate_file(top)))
            if top not in {"..", "__pycache__"} and source.exists() and not (tmp_path / top).exists():
                (tmp_path / top).symlink_to(source)

    # -I and -S: no site-packages but the links above.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _CODE, str(tmp_path), str(ROOT), str(model_path), MERIT],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip

    assert done.stdout.splitlines() == ["200 ['merit']", "no scikit-learn"]
