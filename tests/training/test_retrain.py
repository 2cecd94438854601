"""Retraining whole, on a small labels folder and exports in Label Studio's shape."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import asn_themes
from classifier import Classifier, InputRejectedError, modelfile
from classifier.errors import ResumeRefusedError
from classifier.files import held
from tests.conftest import AWARDS, MERIT
from tests.labels_folder import write
from training.fit import Recipe
from training.labels import labels_version
from training.retrain import Workshop
from training.train import train

#: Of awards and of nothing, in words that the labels have not.
_NEW = "Piala {0} diraih kecamatan {0} berkat inovasi {0} layanan {0}"
_WAVES = "Gelombang laut {0} menahan nelayan {0} di dermaga {0} sampai {0}"
_PLACES = "Nabire Oku Palu Ruteng Sabang Tuban Wamena Yapen Alor Biak Ciamis Dumai".split()


@pytest.fixture
def real(folder: Path, rows: list[dict[str, object]]) -> Path:
    """Return labels whose paragraphs are real ones, so that models can be judged on them."""
    write(folder, [row | {"source": "seed"} for row in rows])
    return folder


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Keep the models made so far, by the version of their labels: the same labels make the same bytes."""
    return {}


@pytest.fixture
def model(real: Path, tmp_path: Path, models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = labels_version(real)
    if made not in models:
        models[made] = tmp_path_factory.mktemp("made") / "m.npz"
        modelfile.save(train(real, Recipe(), str).model, models[made])
    return Path(shutil.copy(models[made], tmp_path / "m.npz"))


@pytest.fixture
def export(tmp_path: Path) -> Callable[[list[tuple[str, list[str]]]], Path]:
    def make(texts: list[tuple[str, list[str]]]) -> Path:
        tasks = [
            {
                "id": number,
                "data": {"text": text},
                "annotations": [{"id": number, "completed_by": 1, "was_cancelled": False, "result": result(labels)}],
                "predictions": [number],
            }
            for number, (text, labels) in enumerate(texts, 1)
        ]
        path = tmp_path / "project-1.json"
        path.write_text(json.dumps(tasks, ensure_ascii=False), encoding="utf-8")
        return path

    return make


def result(labels: list[str]) -> list[dict[str, object]]:
    value = {"choices": labels}
    return [{"from_name": "label", "to_name": "text", "type": "choices", "value": value}] if labels else []


def good() -> list[tuple[str, list[str]]]:
    return [(_NEW.format(p), ["awards"]) for p in _PLACES] + [(_WAVES.format(p), []) for p in _PLACES]


def workshop(tmp_path: Path, labels: Path, model: Path, gold: Path | None = None) -> Workshop:
    return Workshop(tmp_path / "jobs", labels, model, gold, str)


def run(*arguments: object, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(asn_themes.main, ["labels", "retrain", *map(str, arguments)])


def test_a_better_candidate_takes_the_place_of_the_model_and_the_labels_stay(
    tmp_path: Path, real: Path, model: Path, export: Callable[..., Path]
) -> None:
    before, labels = Classifier.load(model), labels_version(real)
    place = workshop(tmp_path, real, model)
    with place.opened():
        verdict = place.retrain(export(good()), "mine")

    after = Classifier.load(model)
    assert verdict.reasons == ()
    assert verdict.every.new["macro_f1"] > verdict.every.old["macro_f1"]
    assert "awards" not in before.classify(_NEW.format("manna")).themes
    assert after.classify(_NEW.format("manna")).themes == ["awards"]
    assert labels_version(real) == labels

    with place.opened():
        again = place.retrain(export(good()), "mine")
    assert "does not rise" in again.reasons[0]
    assert Classifier.load(model).version == after.version


def test_a_candidate_from_wrong_annotations_is_not_published(
    tmp_path: Path, real: Path, model: Path, export: Callable[..., Path]
) -> None:
    before = model.read_bytes()
    flipped = [
        (" ".join(f"{place}{hour}{n}" for n in range(8)) + f" {MERIT}", ["awards"])
        for place in _PLACES
        for hour in ("pagi", "siang", "petang")
    ]

    done = run(export(flipped), "--jobs", tmp_path / "jobs", "--labels", real, "--model", model)

    assert done.exit_code == 3, done.output
    assert "error[input-rejected]: input: the candidate is not published: " in done.output
    assert "beyond chance" in done.output
    assert model.read_bytes() == before
    assert (tmp_path / "jobs" / "candidate.npz").exists()


def test_a_model_of_other_labels_can_only_be_judged_on_named_paragraphs(
    tmp_path: Path, real: Path, model: Path, export: Callable[..., Path]
) -> None:
    write(real, [], "paragraphs/b.jsonl")
    done = run(export(good()), "--jobs", tmp_path / "jobs", "--labels", real, "--model", model)

    assert done.exit_code == 3
    assert "--gold" in done.output

    held_out = [(_NEW, ["awards"]), (_WAVES, [])]
    rows = [{"text": t.format(place), "labels": labels} for t, labels in held_out for place in ("bone", "muna")]
    write(tmp_path, rows, "gold.jsonl")
    place = workshop(tmp_path, real, model, tmp_path / "gold.jsonl")
    with place.opened():
        assert place.retrain(export(good()), "mine").reasons == ()


def test_paragraphs_to_judge_on_may_not_be_learnt_from(
    tmp_path: Path, real: Path, model: Path, export: Callable[..., Path]
) -> None:
    write(tmp_path, [{"text": t, "labels": labels} for t, labels in good()], "gold.jsonl")
    place = workshop(tmp_path, real, model, tmp_path / "gold.jsonl")

    with place.opened(), pytest.raises(InputRejectedError, match=r"gold\.jsonl:1 and 23 more"):
        place.retrain(export(good()), "mine")


def test_an_export_with_nothing_new_is_refused(
    tmp_path: Path, real: Path, model: Path, rows: list[dict[str, object]], export: Callable[..., Path]
) -> None:
    known = [(str(row["text"]), ["awards"]) for row in rows if AWARDS in str(row["text"])]
    place = workshop(tmp_path, real, model)

    with place.opened(), pytest.raises(InputRejectedError, match="nothing new"):
        place.retrain(export(known), "mine")


def test_one_retraining_runs_at_a_time(tmp_path: Path, real: Path, model: Path) -> None:
    (tmp_path / "jobs").mkdir()
    with held(tmp_path / "jobs"), pytest.raises(ResumeRefusedError), workshop(tmp_path, real, model).opened():
        pass


def test_the_verb_wants_an_address_and_then_a_job(tmp_path: Path, real: Path, model: Path) -> None:
    there = {"ASN_THEMES_LABEL_STUDIO_URL": "http://127.0.0.1:9", "ASN_THEMES_LABEL_STUDIO_TOKEN": "rahasia"}
    options = ["--jobs", tmp_path / "jobs", "--labels", real, "--model", model]

    assert run(*options).exit_code == 2
    done = run(*options, **there)
    assert (done.exit_code, "nothing to do" in done.output) == (0, True)

    job = tmp_path / "jobs" / "project-4.json"
    job.write_text('{"project":4}')
    done = run(*options, **there)
    assert done.exit_code == 3
    assert "rahasia" not in done.output
    assert not list((tmp_path / "jobs").glob("project-*"))


def test_an_export_and_a_project_are_one_too_many(export: Callable[..., Path]) -> None:
    assert run(export(good()), "--project", 3).exit_code == 2
