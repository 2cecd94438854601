import json
from dataclasses import replace
from pathlib import Path

import pytest

from classifier import Classifier
from classifier.errors import InputRejectedError, SettingError
from tests.conftest import AWARDS, INTEGRITY, MERIT, NOTHING, THEMES
from training.archive.options import Options
from training.choice import RANDOM
from training.exchange.kinds import load, save
from training.exchange.tasks import Vote
from training.intake import Importer
from training.labels import Labels, read_labels
from training.sample import REASON, Sample, Sampler
from training.wholes import find_lines

_NAMES = "ambon bitung cilacap demak ende fakfak garut halmahera indramayu jember".split()


@pytest.fixture
def labels(folder: Path) -> Labels:
    return read_labels(folder)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    rows = []
    for i in range(60):
        name = f"{_NAMES[i % 10]}{_NAMES[i // 10]}"
        kinds = (MERIT, AWARDS, INTEGRITY, NOTHING)
        text = f"{' '.join(f'{name}{n}' for n in range(12))} {kinds[i % 4]}\nHalaman {name} dibaca."
        rows.append({"id": f"art{i}", "text": text, "outlet": f"o{i % 3}", "date": "2026-01-02"})
    path = tmp_path / "archive.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"id": "bad"}]))
    return path


@pytest.fixture
def sample(classifier: Classifier, labels: Labels, archive: Path) -> Sample:
    return Sampler(classifier, labels, 20).sample((str(archive),), Options())


def test_as_many_as_asked_are_chosen_a_share_at_random_and_the_rest_for_the_themes(sample: Sample) -> None:
    assert len(sample.tasks) == 20
    assert sample.reasons[RANDOM] == 4
    assert set(sample.reasons) <= {RANDOM, *THEMES}
    assert (sample.seen, len(sample.rejects)) == (120, 1)


def test_tasks_carry_the_answer_of_the_model_and_where_they_come_from(sample: Sample, classifier: Classifier) -> None:
    for task in sample.tasks:
        assert task.prediction is not None
        assert task.prediction.model == classifier.short_version
        assert dict(task.prediction.scores) == pytest.approx(
            dict(zip(THEMES, classifier.predict_proba([task.text])[0], strict=True))
        )
        assert task.meta.keys() == {"outlet", "date", REASON}
        assert task.id.startswith(f"{task.article}#")


def test_the_same_call_chooses_the_same_and_another_seed_others(
    sample: Sample, classifier: Classifier, labels: Labels, archive: Path
) -> None:
    again = Sampler(classifier, labels, 20).sample((str(archive),), Options())
    other = Sampler(classifier, labels, 20, seed=1).sample((str(archive),), Options())

    assert again.tasks == sample.tasks
    assert {task.id for task in other.tasks} != {task.id for task in sample.tasks}


def test_the_same_is_chosen_in_whatever_order_the_archive_is_read(
    sample: Sample, classifier: Classifier, labels: Labels, archive: Path
) -> None:
    archive.write_text("".join(reversed(archive.read_text().splitlines(keepends=True))))

    assert Sampler(classifier, labels, 20).sample((str(archive),), Options()).tasks == sample.tasks


@pytest.mark.parametrize("kind", ["doccano-jsonl", "labelstudio-json", "prodigy"])
def test_why_a_paragraph_was_picked_survives_the_labelling_tool(
    sample: Sample, labels: Labels, tmp_path: Path, kind: str
) -> None:
    save(sample.tasks, tmp_path / "next", kind, labels.codebook)
    back = load(tmp_path / "next", labels.codebook, kind).tasks

    assert [task.meta[REASON] for task in back] == [task.meta[REASON] for task in sample.tasks]


def test_what_was_sampled_and_labelled_is_known_and_makes_no_whole_article(
    sample: Sample, labels: Labels, folder: Path, classifier: Classifier, archive: Path
) -> None:
    path = folder.parent / "back.json"
    save([replace(task, votes=(Vote("ani"),)) for task in sample.tasks], path, "labelstudio-json", labels.codebook)
    taken = Importer(folder, "next").take({"ani": path}).records

    known = read_labels(folder)
    again = Sampler(classifier, known, 20).sample((str(archive),), Options())

    assert taken
    assert find_lines(known.examples).rows.tolist() == []
    assert again.seen == sample.seen - len(taken)


def test_an_archive_that_is_labelled_already_is_refused(classifier: Classifier, labels: Labels, tmp_path: Path) -> None:
    path = tmp_path / "known.jsonl"
    path.write_text(json.dumps({"id": "a", "text": labels.examples[0].text}))

    with pytest.raises(InputRejectedError, match="no paragraph without a label"):
        Sampler(classifier, labels, 5).sample((str(path),), Options())


def test_a_model_of_other_themes_is_refused(classifier: Classifier, labels: Labels, archive: Path) -> None:
    others = replace(labels, codebook=replace(labels.codebook, themes=labels.codebook.themes[1:]))

    with pytest.raises(SettingError, match="other themes"):
        Sampler(classifier, others, 5).sample((str(archive),), Options())
