import csv
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest
import zstandard

from benchmarks.archives.planted import KINDS, found, plant
from classifier import Classifier, InputRejectedError
from classifier.errors import AsnThemesError, ExtraMissingError, OutputFailedError, ResumeRefusedError, SettingError
from tests.conftest import MERIT, NOTHING, ROOT
from tests.patience import until
from tests.training.archive.conftest import TEXTS, Score, article
from training.archive.folder import RunFolder, opened
from training.archive.options import Options


def _rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_a_row_out_is_the_services_answer_without_paragraphs_and_what_is_kept(
    score: Score, classifier: Classifier, archive: Path, tmp_path: Path
) -> None:
    done = score(archive, to=tmp_path / "o.jsonl")

    expected = [
        classifier.classify(a["text"], title=a["title"]).to_json(document_id=a["id"], paragraphs=False)
        | {"outlet": "x"}
        for a in map(article, range(60))
    ]
    assert expected == _rows(tmp_path / "o.jsonl")
    assert (done.articles, done.rows, done.rejected) == (60, 60, 0)


def test_every_planted_bad_row_is_named_with_its_line_and_no_good_row_is_lost(score: Score, tmp_path: Path) -> None:
    ledger = plant(tmp_path, 900, TEXTS, share=0.2)
    names = [tmp_path / name for name in ("a.jsonl", "b.csv", "c.parquet")]

    done = score(*names, to=tmp_path / "o.jsonl", max_rejected=900)

    assert KINDS >= 25
    assert set(ledger.bad) == set(found(tmp_path / "o.jsonl.parts/rejects.jsonl"))
    assert ledger.ids == [row["id"] for row in _rows(tmp_path / "o.jsonl")]
    assert done.articles + done.rejected == 900


@pytest.mark.parametrize("output", ["jsonl", "csv", "parquet"])
def test_the_size_of_parts_changes_no_row(score: Score, archive: Path, tmp_path: Path, output: str) -> None:
    for size in (1, 1000, 1 << 20):
        score(archive, to=tmp_path / f"{size}.{output}", output=output, part_bytes=size)

    if output == "parquet":
        tables = [pq.read_table(tmp_path / f"{size}.parquet") for size in (1, 1000, 1 << 20)]
        assert tables[0].equals(tables[1])
        assert tables[0].equals(tables[2])
    else:
        assert len({(tmp_path / f"{size}.{output}").read_bytes() for size in (1, 1000, 1 << 20)}) == 1


def test_flat_outputs_and_json_lines_say_the_same(score: Score, archive: Path, tmp_path: Path) -> None:
    for output in ("jsonl", "csv", "parquet"):
        score(archive, to=tmp_path / f"o.{output}", output=output)

    rows = _rows(tmp_path / "o.jsonl")
    table = pq.read_table(tmp_path / "o.parquet").to_pylist()
    with (tmp_path / "o.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    for theme in ("merit", "awards"):
        scores = [row["scores"][theme] for row in rows]  # type: ignore[index]
        assert scores == [row[f"{theme}_score"] for row in table]
        assert scores == [float(line[f"{theme}_score"]) for line in lines]
    assert [row["id"] for row in rows] == [line["id"] for line in lines] == [row["id"] for row in table]


def test_paragraph_rows_carry_offsets_and_evidence(
    score: Score, classifier: Classifier, archive: Path, tmp_path: Path
) -> None:
    done = score(archive, to=tmp_path / "o.jsonl", paragraphs=True, explain=True)

    first = classifier.classify(article(0)["text"], title=article(0)["title"], explain=True).to_json()["paragraphs"]
    rows = _rows(tmp_path / "o.jsonl")
    assert first == [
        {name: value for name, value in row.items() if name not in {"model", "id", "paragraph", "outlet"}}
        for row in rows[: len(first)]
    ]
    assert (60, len(rows)) == (done.articles, done.rows)


def test_an_articles_evidence_is_that_of_the_paragraph_that_speaks_for_the_theme(
    score: Score, classifier: Classifier, archive: Path, tmp_path: Path
) -> None:
    for output in ("jsonl", "csv"):
        score(archive, to=tmp_path / f"o.{output}", output=output, explain=True)

    result = classifier.classify(article(0)["text"], title=article(0)["title"], explain=True)
    row = _rows(tmp_path / "o.jsonl")[0]
    evidence = row["evidence"]
    assert isinstance(evidence, list)
    for theme in {e["theme"] for e in evidence}:
        number = next(e["paragraph"] for e in evidence if e["theme"] == theme)
        strongest = result.paragraphs[number]
        assert strongest.scores[theme] == result.scores[theme]
        expected = [c.to_json() for c in strongest.evidence or () if c.theme == theme]
        assert [{"paragraph": number, "field": strongest.field} | e for e in expected] == [
            e for e in evidence if e["theme"] == theme
        ]
    assert {theme for theme, decision in result.decisions.items() if decision != "no"} == {e["theme"] for e in evidence}
    with (tmp_path / "o.csv").open(newline="") as file:
        assert json.loads(next(csv.DictReader(file))["evidence"]) == evidence


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠a", " =1", "\u00a0=1", "a\n=1",
     "=cmd|' /C calc'!A0"],
)  # fmt: skip
def test_no_cell_of_a_csv_is_a_formula_unless_asked_for(score: Score, tmp_path: Path, cell: str) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": cell, "text": MERIT, "outlet": cell}))

    score(tmp_path / "in.jsonl", to=tmp_path / "safe.csv", output="csv")
    score(tmp_path / "in.jsonl", to=tmp_path / "raw.csv", output="csv", csv_raw=True)

    with (tmp_path / "safe.csv").open(newline="") as file:
        safe = next(csv.DictReader(file))
    with (tmp_path / "raw.csv").open(newline="") as file:
        raw = next(csv.DictReader(file))
    assert all(line.startswith("'") for line in safe["id"].split("\n") if line.strip() != "a")
    assert safe["id"].replace("'", "", 1) == cell or safe["id"].count("'") > 1
    assert (cell, cell) == (raw["id"], raw["outlet"])
    assert not safe["merit_score"].startswith("'")


@pytest.mark.parametrize("name", ["007", "1e5", "12345678901234567890", "NA", "", "null", "é"])
def test_an_id_keeps_its_characters_in_every_format(score: Score, tmp_path: Path, name: str) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": name, "text": MERIT}))
    (tmp_path / "b.csv").write_text(f"id,text\n{name},{MERIT}\n")
    for output in ("jsonl", "csv", "parquet"):
        score(tmp_path / "a.jsonl", tmp_path / "b.csv", to=tmp_path / f"o.{output}", output=output)

    with (tmp_path / "o.csv").open(newline="") as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    ids += [row["id"] for row in pq.read_table(tmp_path / "o.parquet").to_pylist()]
    assert {name} == {str(row["id"]) for row in _rows(tmp_path / "o.jsonl")} | set(ids)


def test_a_number_as_id_keeps_its_digits_and_a_number_as_text_is_rejected(score: Score, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id":1e5,"text":"a"}\n{"id":12345678901234567890,"text":7}\n')

    done = score(tmp_path / "in.jsonl", to=tmp_path / "o.jsonl", max_rejected=1)

    assert [row["id"] for row in _rows(tmp_path / "o.jsonl")] == ["1e5"]
    assert done.rejected == 1


@pytest.mark.parametrize("suffix", ["gz", "zst"])
def test_a_packed_archive_is_scored_like_the_plain_one_members_and_all(
    score: Score, archive: Path, tmp_path: Path, suffix: str
) -> None:
    lines = archive.read_bytes().splitlines(keepends=True)
    pack = gzip.compress if suffix == "gz" else zstandard.ZstdCompressor().compress
    packed = tmp_path / f"in.jsonl.{suffix}"
    packed.write_bytes(pack(b"".join(lines[:20])) + pack(b"".join(lines[20:])))

    score(archive, to=tmp_path / "plain.jsonl")
    score(packed, to=tmp_path / "packed.jsonl")

    assert (tmp_path / "plain.jsonl").read_bytes() == (tmp_path / "packed.jsonl").read_bytes()


@pytest.mark.parametrize("suffix", ["gz", "zst"])
def test_a_packed_archive_that_was_cut_is_scored_and_not_published(
    score: Score, archive: Path, tmp_path: Path, suffix: str
) -> None:
    pack = gzip.compress if suffix == "gz" else zstandard.ZstdCompressor().compress
    packed = tmp_path / f"in.jsonl.{suffix}"
    packed.write_bytes(pack(archive.read_bytes())[:-20])

    with pytest.raises(InputRejectedError, match="cut or damaged"):
        score(packed, to=tmp_path / "o.jsonl", max_rejected=9)

    assert not (tmp_path / "o.jsonl").exists()
    assert not (tmp_path / "o.jsonl.parts/_SUCCESS").exists()


def test_a_packed_archive_over_the_cap_is_refused(score: Score, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl.gz").write_bytes(gzip.compress(b"0" * 1_000_000))

    with pytest.raises(InputRejectedError, match="--max-unpacked-gb"):
        score(tmp_path / "in.jsonl.gz", to=tmp_path / "o.jsonl", max_unpacked_bytes=999_999)


def test_a_folder_of_text_files_gives_one_article_a_file(score: Score, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    (folder / "b").mkdir(parents=True)
    (folder / "a.txt").write_text(MERIT)
    (folder / "b/c.txt").write_bytes(b"\xff")
    (folder / "b/d.txt").write_text(NOTHING)
    (folder / "notes.doc").write_text(NOTHING)

    done = score(folder, to=tmp_path / "o.jsonl", max_rejected=1)

    assert [str(folder / "a.txt"), str(folder / "b/d.txt")] == [row["id"] for row in _rows(tmp_path / "o.jsonl")]
    assert (done.articles, done.rejected) == (2, 1)


def test_a_limit_takes_the_first_rows_and_a_sample_the_same_ones_each_time(
    score: Score, archive: Path, tmp_path: Path
) -> None:
    score(archive, to=tmp_path / "all.jsonl")
    score(archive, to=tmp_path / "few.jsonl", limit=7)
    for size in (1, 5000):
        score(archive, to=tmp_path / f"{size}.jsonl", sample=0.3, part_bytes=size)

    lines = (tmp_path / "all.jsonl").read_bytes().splitlines()
    assert lines[:7] == (tmp_path / "few.jsonl").read_bytes().splitlines()
    sample = (tmp_path / "1.jsonl").read_bytes()
    assert sample == (tmp_path / "5000.jsonl").read_bytes()
    assert 5 < len(sample.splitlines()) < 35


def test_a_folder_as_output_keeps_its_parts_and_ends_in_success(score: Score, archive: Path, tmp_path: Path) -> None:
    score(archive, to=f"{tmp_path}/out/")
    score(archive, to=tmp_path / "o.jsonl")

    parts = sorted((tmp_path / "out").glob("part-*.jsonl"))
    assert len(parts) > 3
    assert (tmp_path / "o.jsonl").read_bytes() == b"".join(part.read_bytes() for part in parts)
    assert (tmp_path / "out/_SUCCESS").exists()


def test_too_many_rejected_rows_publish_nothing_and_lose_no_work(score: Score, archive: Path, tmp_path: Path) -> None:
    archive.write_bytes(archive.read_bytes() + b"bad\n")
    with pytest.raises(InputRejectedError, match=r"1 of 61 rows rejected, 0 allowed, .*in\.jsonl:61 first \(not JSON"):
        score(archive, to=tmp_path / "o.jsonl")
    part = tmp_path / "o.jsonl.parts/part-00000.jsonl"
    before = part.stat().st_mtime_ns
    assert not (tmp_path / "o.jsonl").exists()

    with pytest.raises(InputRejectedError):
        score(archive, to=tmp_path / "o.jsonl")
    assert before == part.stat().st_mtime_ns

    assert score(archive, to=tmp_path / "o.jsonl", max_rejected=1).rows == 60


def test_another_plan_in_the_same_place_is_refused_and_nothing_touched(
    score: Score, archive: Path, tmp_path: Path
) -> None:
    score(archive, to=tmp_path / "o.jsonl")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    with pytest.raises(ResumeRefusedError, match="another limit"):
        score(archive, to=tmp_path / "o.jsonl", limit=3)
    archive.write_bytes(archive.read_bytes() + b"\n{}\n")
    with pytest.raises(ResumeRefusedError, match="other inputs"):
        score(archive, to=tmp_path / "o.jsonl")

    archive.write_bytes(before[archive])
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_a_finished_run_does_nothing_and_an_output_that_was_lost_is_made_again(
    score: Score, archive: Path, tmp_path: Path
) -> None:
    first = score(archive, to=tmp_path / "o.jsonl")
    expected = (tmp_path / "o.jsonl").read_bytes()

    assert first == score(archive, to=tmp_path / "o.jsonl")
    (tmp_path / "o.jsonl").write_bytes(expected[:-5])
    assert first == score(archive, to=tmp_path / "o.jsonl")

    assert expected == (tmp_path / "o.jsonl").read_bytes()


def test_a_pattern_that_matches_the_output_is_resumed_as_it_began(score: Score, archive: Path, tmp_path: Path) -> None:
    first = score(tmp_path / "**/*.jsonl", to=tmp_path / "o.jsonl")
    expected = (tmp_path / "o.jsonl").read_bytes()
    assert first == score(tmp_path / "**/*.jsonl", to=tmp_path / "o.jsonl")
    # As a kill leaves it that comes after the output was published, and before that is written down.
    (tmp_path / "o.jsonl.parts/_SUCCESS").unlink()

    assert first == score(tmp_path / "**/*.jsonl", to=tmp_path / "o.jsonl")
    assert expected == (tmp_path / "o.jsonl").read_bytes()


def test_a_file_that_a_pattern_matches_is_not_written_over(score: Score, archive: Path, tmp_path: Path) -> None:
    before = archive.read_bytes()

    with pytest.raises(SettingError, match="stands in the input"):
        score(tmp_path / "*.jsonl", to=archive)

    assert before == archive.read_bytes()


def test_a_finished_run_is_held_to_the_rejected_rows_that_are_allowed_now(
    score: Score, archive: Path, tmp_path: Path
) -> None:
    archive.write_bytes(archive.read_bytes() + b"{\n")
    score(archive, to=tmp_path / "o.jsonl", max_rejected=1)

    with pytest.raises(InputRejectedError, match="1 of 61 rows rejected, 0 allowed"):
        score(archive, to=tmp_path / "o.jsonl")

    assert (tmp_path / "o.jsonl").exists()


def test_a_finished_run_needs_its_list_of_rejected_rows_no_more(score: Score, archive: Path, tmp_path: Path) -> None:
    first = score(archive, to=tmp_path / "o.jsonl")
    (tmp_path / "o.jsonl.parts/rejects.jsonl").unlink()

    assert first == score(archive, to=tmp_path / "o.jsonl")


def test_a_second_run_in_the_same_place_is_refused(score: Score, archive: Path, tmp_path: Path) -> None:
    with opened(RunFolder(tmp_path / "o.jsonl.parts", "jsonl")), pytest.raises(ResumeRefusedError, match="another run"):
        score(archive, to=tmp_path / "o.jsonl")


def test_a_part_that_was_changed_is_made_again(score: Score, archive: Path, tmp_path: Path) -> None:
    archive.write_bytes(archive.read_bytes() + b"bad\n")
    with pytest.raises(InputRejectedError):
        score(archive, to=tmp_path / "o.jsonl")
    part = tmp_path / "o.jsonl.parts/part-00001.jsonl"
    expected = part.read_bytes()

    part.write_bytes(expected.replace(b"0", b"1"))
    with pytest.raises(InputRejectedError):
        score(archive, to=tmp_path / "o.jsonl")

    assert expected == part.read_bytes()


@pytest.mark.parametrize("quote", [b"", b'"'])
def test_a_byte_order_mark_is_passed_over_and_counted(score: Score, tmp_path: Path, quote: bytes) -> None:
    header = b"\xef\xbb\xbf%bid%b,text\n" % (quote, quote)
    (tmp_path / "in.csv").write_bytes(header + b"a,b\nbad\n")

    score(tmp_path / "in.csv", to=tmp_path / "o.jsonl", max_rejected=1)

    assert [row["id"] for row in _rows(tmp_path / "o.jsonl")] == ["a"]
    assert [row["offset"] for row in _rows(tmp_path / "o.jsonl.parts/rejects.jsonl")] == [len(header) + 4]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", ""),
        (b"id,text\n", ""),
        (b"id,body\na,b\n", "no column 'text'"),
        (b"text,text\na,b\n", "2 columns are called"),
        (b'id,"text\na,b\n', "no column"),
        ("id,text\n".encode("utf-16"), "header"),
        (b"id,text\ra,b\r", "no column"),
    ],
)
def test_a_table_without_a_sound_header_is_refused_as_a_whole(
    score: Score, tmp_path: Path, data: bytes, message: str
) -> None:
    (tmp_path / "in.csv").write_bytes(data)
    if not message:
        assert score(tmp_path / "in.csv", to=tmp_path / "o.jsonl").articles == 0
        return

    with pytest.raises(InputRejectedError, match=message):
        score(tmp_path / "in.csv", to=tmp_path / "o.jsonl")


def test_a_table_as_a_spreadsheet_saves_it_is_read(score: Score, tmp_path: Path) -> None:
    plain, spread = tmp_path / "plain.csv", tmp_path / "spread.csv"
    plain.write_text(f'id,text\na,"{MERIT}"\n')
    spread.write_text(f'\r\nid;text;;\r\na;"{MERIT}";;\r\n')

    for table in (plain, spread):
        score(table, to=tmp_path / f"{table.stem}.jsonl")

    assert (tmp_path / "plain.jsonl").read_bytes() == (tmp_path / "spread.jsonl").read_bytes()


@pytest.mark.parametrize("kind", [None, "csv"])
def test_semicolons_within_a_name_part_no_columns(score: Score, tmp_path: Path, kind: str | None) -> None:
    (tmp_path / "in.csv").write_text('id,text,"tema (a; b; c; d)"\na,x,\n')

    assert score(tmp_path / "in.csv", to=tmp_path / "o.jsonl", kind=kind).articles == 1


def test_a_csv_is_parted_by_commas_where_that_is_said(score: Score, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text,a;b;c\nx,y\n")

    assert score(tmp_path / "in.csv", to=tmp_path / "o.jsonl", kind="csv").articles == 1


@pytest.mark.parametrize("column", ["id", "title", "html"])
def test_a_table_without_a_column_that_was_asked_for_is_refused(score: Score, tmp_path: Path, column: str) -> None:
    (tmp_path / "in.csv").write_text("text\nx\n")

    with pytest.raises(InputRejectedError, match="no column 'kode'"):
        score(tmp_path / "in.csv", to=tmp_path / "o.jsonl", **{column: "kode"})


def test_a_page_is_read_where_the_text_beside_it_is_empty(score: Score, tmp_path: Path) -> None:
    page = f"<html><body><article><p>{MERIT}</p></article></body></html>"
    (tmp_path / "in.csv").write_text(f'id,text,html\na,,"{page}"\nb,"{NOTHING}",\nc,,\n')

    score(tmp_path / "in.csv", to=tmp_path / "o.jsonl")

    assert [row["themes"] for row in _rows(tmp_path / "o.jsonl")] == [["merit"], [], []]


def test_a_parquet_file_that_is_cut_or_flipped_is_refused_with_its_name(
    score: Score, archive: Path, tmp_path: Path
) -> None:
    score(archive, to=tmp_path / "good.parquet", output="parquet")
    data = (tmp_path / "good.parquet").read_bytes()
    bad = tmp_path / "bad.parquet"
    for damaged in (data[:-100], data[: len(data) // 2], b"", data[:60] + bytes([data[60] ^ 1]) + data[61:]):
        bad.write_bytes(damaged)
        with pytest.raises(InputRejectedError, match=r"bad\.parquet"):
            score(bad, to=tmp_path / "o.jsonl", text="id", keep=())
        shutil.rmtree(tmp_path / "o.jsonl.parts")


def _link(path: Path) -> Path:
    path.with_name("link.jsonl").symlink_to(path)
    return path.with_name("link.jsonl")


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda a: (a.with_name("none.jsonl"), a.with_name("o.jsonl")), InputRejectedError),
        (lambda a: (_link(a), a.with_name("o.jsonl")), InputRejectedError),
        (lambda a: (_link(a).parent, Path("/tmp/o.jsonl")), InputRejectedError),  # noqa: S108
        (lambda a: (a, _link(a.with_name("other"))), OutputFailedError),
        (lambda a: (Path("/dev/null"), a.with_name("o.jsonl")), InputRejectedError),
        (lambda a: (a, Path("/dev/null.jsonl/o.jsonl")), OutputFailedError),
        (lambda a: (a, Path("/proc/o.jsonl")), OutputFailedError),
        (lambda a: (a, a), SettingError),
        (lambda a: (a.parent, a.with_name("o.jsonl")), SettingError),
        (lambda a: (f"{a.parent}/../*.jsonl", a.with_name("o.jsonl")), InputRejectedError),
        (lambda a: (f"{a.parent}/*.none", a.with_name("o.jsonl")), InputRejectedError),
    ],
)
def test_what_can_not_be_read_or_written_has_the_error_of_its_kind(
    score: Score, archive: Path, spoil: object, error: type[AsnThemesError]
) -> None:
    source, target = spoil(archive)  # type: ignore[operator]

    with pytest.raises(error) as raised:
        score(source, to=target, kind="jsonl" if source == Path("/dev/null") else None)

    assert "\n" not in str(raised.value)
    assert not (Path(target).is_file() and Path(target).resolve() != archive)


def test_a_folder_with_files_of_others_is_refused(score: Score, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.doc").write_text("mine")

    with pytest.raises(OutputFailedError, match=r"thesis\.doc"):
        score(archive, to=f"{tmp_path}/out/")

    assert os.listdir(tmp_path / "out") == ["thesis.doc"]


def test_an_input_that_changes_while_it_is_read_is_refused(
    score: Score, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.archive import run

    def begin(*_: object) -> None:
        archive.write_bytes(archive.read_bytes().replace(b"camat", b"lurah"))

    monkeypatch.setattr(run, "begin", begin)

    with pytest.raises(InputRejectedError, match="changed while it was read"):
        score(archive, to=tmp_path / "o.jsonl")


def test_a_disk_that_is_full_ends_in_one_line_and_the_run_goes_on_when_there_is_space(
    archive: Path, model_path: Path, tmp_path: Path, score: Score
) -> None:
    score(archive, to=tmp_path / "expected.jsonl", part_bytes=1 << 20)
    command = ["asn_themes.py", "score", str(archive), "-o", str(tmp_path / "o.jsonl"), "--model", str(model_path)]
    limit = "import resource, sys, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000)); sys.argv = {}"
    run = "; runpy.run_path(sys.argv[0], run_name='__main__')"

    full = _command("-c", limit.format(command) + run)

    assert full.returncode == 5, full.stderr
    assert full.stderr.count("\n") == 1
    assert full.stderr.startswith("error[output-failed]")
    assert not (tmp_path / "o.jsonl").exists()
    assert _command(*command).returncode == 0
    assert (tmp_path / "expected.jsonl").read_bytes() == (tmp_path / "o.jsonl").read_bytes()


def _command(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_the_module_is_the_command_and_a_pipe_passes_rows_through(
    archive: Path, model_path: Path, tmp_path: Path, score: Score
) -> None:
    score(archive, to=tmp_path / "o.jsonl")

    with archive.open() as rows:
        piped = subprocess.run(
            [sys.executable, "-m", "training.score", "-", "-o", "-", "--model", model_path],
            cwd=ROOT, stdin=rows, capture_output=True, timeout=60, check=True,
        )  # fmt: skip

    assert (tmp_path / "o.jsonl").read_bytes() == piped.stdout
    assert b"scored 60 articles" in piped.stderr


def _two_workers(archive: Path, model_path: Path, target: Path | str, *more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "asn_themes.py", "score", str(archive), "-o", str(target), "--jobs", "2", "--part-mb"]
    command += ["0.1", "--model", str(model_path), *more]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")


def _busy_for_long(archive: Path, model_path: Path, tmp_path: Path) -> "subprocess.Popen[str]":
    """Start a run and return it when its workers are at work, which takes them seconds: evidence is slow."""
    archive.write_bytes(archive.read_bytes() * 400)
    run = _two_workers(archive, model_path, tmp_path / "o.jsonl", "--explain")
    assert until(lambda: list(tmp_path.glob("o.jsonl.parts/.part-*")), 60)
    return run


def _workers(run: "subprocess.Popen[str]") -> list[psutil.Process]:
    return [child for child in psutil.Process(run.pid).children() if "LokyProcess" in " ".join(child.cmdline())]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_says_so_within_ten_seconds(archive: Path, model_path: Path, tmp_path: Path, number: int) -> None:
    run = _busy_for_long(archive, model_path, tmp_path)

    start = time.monotonic()
    run.send_signal(number)
    _, said = run.communicate(timeout=30)

    assert 128 + number == run.returncode, said
    assert time.monotonic() - start < 10
    assert "run the same command again" in said
    assert said.count("\n") == 1


def _lives(process: psutil.Process) -> bool:
    # One that nobody has waited for yet is a zombie: init may take its time.
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_workers_end_with_a_parent_that_is_killed(archive: Path, model_path: Path, tmp_path: Path) -> None:
    with _busy_for_long(archive, model_path, tmp_path) as run:
        workers = _workers(run)

        run.kill()

        assert workers
        # By themselves they would end after minutes.
        assert until(lambda: not any(map(_lives, workers)), 10)


def test_a_worker_that_dies_costs_nothing_but_time(
    archive: Path, model_path: Path, tmp_path: Path, score: Score
) -> None:
    archive.write_bytes(archive.read_bytes() * 40)
    score(archive, to=tmp_path / "expected.jsonl", part_bytes=1 << 20)
    with _two_workers(archive, model_path, "-") as run:
        assert run.stdout
        assert run.stderr
        # More than a pipe holds: the run is not over before the rest is read.
        rows = run.stdout.readline()

        _workers(run)[0].kill()
        rows += run.stdout.read()
        said = run.stderr.read()

    assert run.returncode == 0, said
    assert (tmp_path / "expected.jsonl").read_text("utf-8") == rows


def test_a_missing_reader_of_html_ends_the_run_and_is_named_with_its_install_line(
    score: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    (tmp_path / "in.jsonl").write_text('{"html":"<p>a</p>"}\n{"html":"<p>a</p>","text":"a"}\n')

    with pytest.raises(ExtraMissingError, match=r"asn-themes\[html\]"):
        score(tmp_path / "in.jsonl", to=tmp_path / "o.jsonl", max_rejected=1)


@pytest.mark.parametrize(
    "wrong",
    [{"keep": ("scores",)}, {"keep": ("a", "a")}, {"keep": ("merit_score",)}],
)
def test_options_that_contradict_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingError):
        Options(**wrong)  # type: ignore[arg-type]
