import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import asn_themes
from corrections import open_store
from corrections.correction import Correction
from tests.conftest import AWARDS, MERIT, ROOT
from tests.labels_folder import write


def run(*arguments: object) -> Result:
    return CliRunner().invoke(asn_themes.main, [str(a) for a in arguments])


def test_train_writes_a_model_and_says_how_good_it_is(folder: Path, tmp_path: Path) -> None:
    done = run("train", "--labels", folder, "-o", tmp_path / "m.npz")

    assert done.exit_code == 0
    assert "macro, themes" in done.output
    assert (tmp_path / "m.npz").exists()


def test_train_if_changed_leaves_a_current_model_alone(folder: Path, tmp_path: Path) -> None:
    run("train", "--labels", folder, "-o", tmp_path / "m.npz")
    before = (tmp_path / "m.npz").stat().st_mtime_ns

    assert run("train", "--if-changed", "--labels", folder, "-o", tmp_path / "m.npz").output == ""
    assert (tmp_path / "m.npz").stat().st_mtime_ns == before


def test_bad_labels_end_in_exit_3_and_one_line(folder: Path, tmp_path: Path) -> None:
    write(folder, [{"id": "x"}], "paragraphs/b.jsonl")

    done = run("labels", "check", "--labels", folder)

    assert done.exit_code == 3
    assert done.output.startswith("error[labels-rejected]: ")


def test_a_model_that_is_none_ends_in_exit_4(tmp_path: Path) -> None:
    (tmp_path / "m.npz").write_bytes(b"x")
    (tmp_path / "in.jsonl").write_text(json.dumps({"text": MERIT}))

    assert run("score", tmp_path / "in.jsonl", "-o", tmp_path / "o.jsonl", "--model", tmp_path / "m.npz").exit_code == 4


def test_scoring_a_missing_file_is_a_usage_error(tmp_path: Path, model_path: Path) -> None:
    assert run("score", tmp_path / "none", "-o", tmp_path / "o", "--model", model_path).exit_code == 2


def test_evaluate_wants_a_file_or_cross_validation(model_path: Path) -> None:
    assert run("evaluate", "--model", model_path).exit_code == 2


def test_labels_are_extracted_and_renewed(folder: Path, tmp_path: Path) -> None:
    rows = [{"id": f"n{i}", "text": f"{MERIT} kata{i}", "labels": ["merit"], "article": f"n{i}"} for i in range(3)]
    write(tmp_path, rows, "mine.jsonl")
    here = ["-o", folder / "extracted", "--labels", folder]

    assert run("labels", "extract", tmp_path / "mine.jsonl", *here).exit_code == 0
    assert run("labels", "check", "--labels", folder).exit_code == 0
    (folder / "lexicon.toml").write_text((folder / "lexicon.toml").read_text().replace('"suap"]', '"suap", "uang*"]'))
    assert run("labels", "check", "--labels", folder).exit_code == 3
    assert run("labels", "extract", "--renew", tmp_path / "mine.jsonl", *here).exit_code == 0
    assert run("labels", "check", "--labels", folder).exit_code == 0


@pytest.mark.parametrize("verb", [["--help"], ["train", "--help"], ["labels", "extract", "--help"]])
def test_help_is_given_without_loading_what_the_verb_needs(verb: list[str]) -> None:
    assert "Usage" in run(*verb).output


@pytest.mark.parametrize("verb", [[], ["score"], ["evaluate"], ["labels", "extract"], ["labels", "sample"]])
def test_each_example_of_a_help_text_stands_on_a_line_of_its_own(verb: list[str]) -> None:
    lines = run(*verb, "--help").output.splitlines()
    examples = lines[lines.index("  Examples:") + 1 :]

    assert examples[0].lstrip().startswith("asn-themes ")
    assert "\\b" not in "".join(lines)


def test_feedback_is_exported_for_review_and_erased(folder: Path, tmp_path: Path, model_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/feedback.db"
    opened = open_store(store)
    opened.prepare()
    opened.add(Correction(MERIT, "merit", "no", "0" * 12), "g1", "k1", 9)
    given = ("--store", store, "--labels", folder)
    done = run(
        "labels", "feedback", "--to", "labelstudio-json", "-o", tmp_path / "r.json", "--model", model_path, *given
    )

    assert (done.exit_code, done.output.splitlines()[-1]) == (0, f"wrote 1 texts to {tmp_path / 'r.json'}")
    assert json.loads((tmp_path / "r.json").read_text())[0]["predictions"]
    assert run("labels", "erase", *given).exit_code == 2
    assert "erased 1 corrections" in run("labels", "erase", "--giver", "g1", *given).output


def test_a_store_that_is_not_there_ends_in_exit_5(folder: Path, tmp_path: Path, model_path: Path) -> None:
    done = run(
        "labels", "feedback", "-o", tmp_path / "r.json", "--model", model_path, "--labels", folder,
        "--store", f"sqlite:///{tmp_path}/none.db",
    )  # fmt: skip

    assert (done.exit_code, done.output.count("\n")) == (5, 1)


def test_what_to_label_next_is_written_for_the_tool_that_is_named(
    folder: Path, tmp_path: Path, model_path: Path
) -> None:
    rows = [{"id": f"n{i}", "text": f"{MERIT} kata{i} lain{i} dua{i} tiga{i}\n{AWARDS} nomor{i}"} for i in range(9)]
    write(tmp_path, [*rows, {"id": "bad"}], "archive.jsonl")
    here = ["--labels", folder, "--model", model_path]

    done = run("labels", "sample", tmp_path / "archive.jsonl", "-n", "5", "-o", tmp_path / "n.json", *here,
               "--to", "label-studio", "--random", "0.4")  # fmt: skip

    written = json.loads((tmp_path / "n.json").read_text())
    assert done.exit_code == 0
    assert sum(task["data"]["sample"] == "random" for task in written) == 2
    assert all(task["predictions"][0]["score"] > 0.5 for task in written)
    assert "of 18 paragraphs without a label: " in done.output
    assert "1 rows could not be read" in done.output

    done = run("labels", "estimate", tmp_path / "n.json", *here)
    assert done.exit_code == 3
    assert "marked sample=random" in done.output

    next(task for task in written if task["data"]["sample"] == "random")["annotations"] = [{"result": []}]
    (tmp_path / "n.json").write_text(json.dumps(written))
    done = run("labels", "estimate", tmp_path / "n.json", *here)
    assert done.exit_code == 0
    assert "left out: 1 drawn by chance that were not judged for all themes" in done.output


def test_an_estimate_reads_what_an_import_can_be_told_to_read(folder: Path, tmp_path: Path, model_path: Path) -> None:
    rows = [(MERIT, ["merit"]), (AWARDS, ["awards", "bahas"])]
    write(tmp_path, [{"isi": text, "tema": named, "sample": "random"} for text, named in rows], "sheet.jsonl")
    given = ["labels", "estimate", tmp_path / "sheet.jsonl", "--labels", folder, "--model", model_path]

    refused = run(*given)
    done = run(*given, "--from", "doccano-jsonl", "--text", "isi", "--label", "tema", "--drop", "bahas")

    assert (refused.exit_code, "--from" in refused.output) == (3, True)
    assert done.exit_code == 0
    assert "2 paragraphs drawn by chance" in done.output


def test_a_seed_is_taken_up_to_64_bits_and_refused_beyond(folder: Path, tmp_path: Path, model_path: Path) -> None:
    write(tmp_path, [{"id": "a", "text": f"{MERIT} satu dua tiga"}], "archive.jsonl")
    given = ["labels", "sample", tmp_path / "archive.jsonl", "-o", tmp_path / "n.jsonl", "--labels", folder,
             "--model", model_path]  # fmt: skip

    assert [run(*given, "--seed", str(2**64 - over)).exit_code for over in (1, 0)] == [0, 2]


def test_an_audit_prints_a_summary_and_writes_a_queue_and_a_page(folder: Path, tmp_path: Path) -> None:
    done = run(
        "labels", "audit", "-n", "7", "-o", tmp_path / "q.jsonl", "--html", tmp_path / "a.html", "--labels", folder
    )

    assert done.exit_code == 0
    assert "| merit | 12 | 0 | 0 | thin |" in done.output
    assert len((tmp_path / "q.jsonl").read_text().splitlines()) == 7
    assert "7 paragraphs" in (tmp_path / "a.html").read_text()


def test_a_queue_holds_as_many_as_are_asked_for_where_some_have_no_text(folder: Path, tmp_path: Path) -> None:
    rows = [{"id": f"n{i}", "text": f"{MERIT} kata{i}", "labels": [], "article": f"n{i}"} for i in range(5)]
    write(tmp_path, rows, "mine.jsonl")
    run("labels", "extract", tmp_path / "mine.jsonl", "-o", folder / "extracted", "--labels", folder)

    done = run("labels", "audit", "-n", "30", "-o", tmp_path / "q.jsonl", "--labels", folder)

    assert len((tmp_path / "q.jsonl").read_text().splitlines()) == 30
    assert "5 paragraphs kept as counts" in done.output


def test_no_verb_writes_over_the_file_that_it_reads(folder: Path, tmp_path: Path, model_path: Path) -> None:
    write(tmp_path, [{"id": "a", "text": MERIT, "labels": ["merit"]}], "in.jsonl")
    source, before = tmp_path / "in.jsonl", (tmp_path / "in.jsonl").read_bytes()
    here = ["--labels", folder]

    for verb in (
        ["labels", "sample", source, "-o", source, "--model", model_path, *here],
        ["labels", "sample", f"{tmp_path}/*.jsonl", "-o", source, "--model", model_path, *here],
        ["labels", "audit", "--texts", source, "-o", source, *here],
        ["labels", "audit", "--texts", source, "--html", source, *here],
        ["evaluate", source, "--html", source, "--model", model_path, *here],
        ["score", source, "-o", source, "--model", model_path],
    ):
        done = run(*verb)
        assert (done.exit_code, done.output.count("\n")) == (2, 1), verb
        assert before == source.read_bytes(), verb


@pytest.mark.parametrize("name", ["../x", "a/b", "..", "."])
def test_an_import_goes_under_a_plain_name(folder: Path, tmp_path: Path, name: str) -> None:
    write(tmp_path, [{"id": "a", "text": MERIT, "labels": ["merit"]}], "in.jsonl")

    assert run("labels", "import", tmp_path / "in.jsonl", "--name", name, "--labels", folder).exit_code == 2


def test_a_reader_that_leaves_ends_the_command_without_a_word(tmp_path: Path, model_path: Path) -> None:
    write(tmp_path, [{"id": str(i), "text": MERIT} for i in range(2000)], "in.jsonl")

    score = subprocess.Popen(
        [sys.executable, "asn_themes.py", "score", tmp_path / "in.jsonl", "-o", "-", "--model", model_path,
         "--jobs", "2", "--part-mb", "0.05"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with score:
        assert score.stdout
        assert score.stderr
        score.stdout.readline()
        score.stdout.close()
        assert score.stderr.read() == b""
    assert score.returncode == 128 + signal.SIGPIPE
