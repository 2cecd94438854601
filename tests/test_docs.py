"""What the documents say is so."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

import asn_themes
from benchmarks.harness import serving
from classifier import Classifier
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(ROOT / "model.npz") as server:
        yield server.port


def test_the_readme_begins_with_the_two_commands() -> None:
    first = blocks("sh")[0]
    verbs = re.findall(r"^make (\w+)", first, flags=re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert verbs == ["serve", "test"]
    assert all(re.search(rf"^{verb}:", makefile, flags=re.MULTILINE) for verb in verbs)


def test_the_readmes_curl_gives_the_answer_that_it_shows(port: int) -> None:
    curl = next(block for block in blocks("sh") if "curl" in block).replace(":8000", f":{port}")
    curl = curl.replace("python3", sys.executable)

    done = subprocess.run(["bash", "-c", curl], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout == blocks("text")[0]


def test_the_readmes_python_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    exec(blocks("python")[0], {})  # noqa: S102  # the example as it is printed

    assert capsys.readouterr().out.strip() == "['merit']"


@pytest.mark.parametrize(
    "line", [line for block in blocks("sh") for line in block.splitlines() if "asn-themes" in line]
)
def test_every_command_of_the_readme_exists(line: str) -> None:
    words = line.split("#")[0].split()[1:]
    verb = [word for word in words if not word.startswith("-") and "." not in word]

    assert CliRunner().invoke(asn_themes.main, [*verb, "--help"]).exit_code == 0


def test_every_verb_has_a_help_text_with_what_it_does() -> None:
    for name, command in asn_themes.main.commands.items():
        assert command.help, name


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "labels").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_exit_codes_are_documented() -> None:
    from classifier import errors

    table = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]

    assert all(f"\n| {kind.exit_code} |" in table for kind in kinds)


def test_the_readme_states_the_figure_of_the_notebook() -> None:
    notebook = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    macro = re.search(r"\*\*macro, themes\*\* \|(?: [^|]*\|){3} ([\d.]+)", notebook)

    assert macro
    assert f"**{macro.group(1)}**" in README


def test_the_trained_model_is_of_these_labels() -> None:
    from training.labels import labels_version

    assert Classifier.load(ROOT / "model.npz").model.metadata["labels"] == labels_version(ROOT / "labels")
