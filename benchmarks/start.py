"""Start and memory: the app to its first answer against `import flask, numpy`; medians of interleaved starts."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.document import replace_section

ROOT = Path(__file__).parents[1]

BARE = "import flask, numpy"
APP = """
from service.settings import Settings
from service.app import create_app
from classifier import Classifier
settings = Settings()
app = create_app(settings, Classifier.load(settings.model))
# As a server asks: Flask's test client would import a debugger.
from werkzeug.test import create_environ, run_wsgi_app
request = create_environ("/classify", method="POST", json={"text": "Bawaslu mengingatkan ASN agar netral."})
assert run_wsgi_app(app, request)[1] == "200 OK"
import sys
assert not {"sklearn", "scipy", "numba"} & set(sys.modules)
"""
# An installed package has its bytecode, as flask and numpy have: a first start, which isn't measured, writes it.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
MEMORY = "\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"


def start(code: str) -> tuple[float, float]:
    begin = time.perf_counter()
    line = [sys.executable, "-c", code + MEMORY]
    done = subprocess.run(line, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return time.perf_counter() - begin, float(done.stdout)


def main() -> None:
    start(APP)
    found = [(start(BARE), start(APP)) for _ in range(15)]
    (bare_s, bare_mb), (app_s, app_mb) = (
        tuple(statistics.median(values) for values in zip(*column, strict=True)) for column in zip(*found, strict=True)
    )
    ratio = statistics.median(app[0] / bare[0] for bare, app in found)
    lines = [
        "| process | to its first answer, ms | memory, MB |",
        "|---|---|---|",
        f"| `import flask, numpy` | {1e3 * bare_s:.0f} | {bare_mb:.0f} |",
        f"| the app, `POST /classify` answered | {1e3 * app_s:.0f} | {app_mb:.0f} |",
        "",
        f"Ratio of starts: {ratio:.2f} (aim: at most 1.3); {app_mb - bare_mb:.0f} MB more (aim: at most 30).",
    ]
    replace_section(ROOT / "docs/benchmarks.md", "start", "\n".join(lines))


if __name__ == "__main__":
    main()
