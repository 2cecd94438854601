"""The Dockerfile keeps its promises; there is no engine here to build it, so it is read, and its RUN step is run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
STEPS = [line for line in re.sub(r"\\\n", " ", DOCKERFILE).splitlines() if line and not line.startswith("#")]


def steps(name: str) -> list[str]:
    return [step.removeprefix(name).strip() for step in STEPS if step.startswith(name + " ")]


def test_the_base_image_is_an_argument() -> None:
    assert steps("FROM") == ["${BASE}"]
    assert steps("ARG")[0].startswith("BASE=")


def test_the_container_does_not_run_as_root() -> None:
    (user,) = steps("USER")
    assert int(user.split(":")[0]) > 0
    assert STEPS.index(f"USER {user}") < STEPS.index(next(step for step in STEPS if step.startswith("CMD")))


def test_what_is_copied_exists_and_is_let_through() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {source for step in steps("COPY") for source in step.split()[:-1]}

    assert copied <= allowed
    assert all((ROOT / source).exists() for source in copied - {"model.npz"})


def test_installs_are_hashed_and_nothing_is_fetched_otherwise() -> None:
    (run,) = steps("RUN")

    assert "--require-hashes" in run
    assert not re.search(r"curl|wget|apt|sudo|chmod 777|--trusted-host", run)
    assert not re.search(r"(?i)^(ENV|ARG) .*(secret|password|token|key)=", DOCKERFILE, re.MULTILINE)


def test_the_lock_holds_no_training() -> None:
    names = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements-serve.lock").read_text(), re.MULTILINE))

    assert {"flask", "gunicorn", "numpy", "prometheus-client", "trafilatura"} <= names
    assert names.isdisjoint({"scikit-learn", "scipy", "pytest", "joblib", "matplotlib"})


# It installs all of serving anew from the registry, too long for a suite of minutes.
@pytest.mark.skipif("ASN_THEMES_CONTAINER" not in os.environ, reason="takes a minute; `make container` runs it")
@pytest.mark.timeout(400)
def test_the_run_step_works_in_a_clean_prefix(tmp_path: Path, model_path: Path) -> None:
    (run,) = steps("RUN")
    prefix = tmp_path / "prefix"
    here = run.replace("/opt/asn-themes", str(prefix)).replace("python3 -m venv", f"{sys.executable} -m venv")
    done = subprocess.run(["bash", "-euc", here], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    check = "import asn_themes, service.server, classifier, sys; assert 'sklearn' not in sys.modules"
    subprocess.run([prefix / "bin" / "python", "-c", check], cwd=tmp_path, check=True)
