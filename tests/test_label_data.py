"""The labels that are shipped, not the rules for labels."""

import json
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

from classifier.article import paragraphs
from classifier.features import blocks
from classifier.furniture import repeated
from classifier.text import words
from tests.conftest import ROOT
from training.duplicates import shingles
from training.labels import Labels, read_jsonl, read_labels
from training.lint import problems_of
from training.wholes import find_lines

FOLDER = ROOT / "labels"
MAX_CONTAINMENT = 0.3


@cache
def shipped() -> Labels:
    return read_labels(FOLDER)


def extracted_rows() -> list[dict[str, object]]:
    return [row for path in sorted((FOLDER / "extracted").glob("*.jsonl")) for row, _ in read_jsonl(path)]


def test_the_shipped_labels_pass_the_linter() -> None:
    assert list(problems_of(shipped())) == []


def test_files_are_sorted_by_id() -> None:
    for path in FOLDER.glob("*/*.jsonl"):
        ids = [row["id"] for row, _ in read_jsonl(path)]
        assert ids == sorted(ids), path.name


def test_there_are_enough_written_positives_of_every_theme() -> None:
    written = [e for e in shipped().examples if e.source == "written"]
    counts = Counter(theme for example in written for theme in example.labels)

    assert all(counts[theme] >= 700 for theme in shipped().codebook.theme_ids), counts
    assert sum(len(example.labels) > 1 for example in written) >= 250
    assert len(written) >= 3250 + 1500


def test_every_seed_paragraph_is_labelled_and_its_text_is_in_its_article() -> None:
    articles = {f"seed-{path.name[:3]}": path.read_text(encoding="utf-8") for path in (ROOT / "seeds").glob("*.txt")}
    seeds = [example for example in shipped().examples if example.source == "seed"]

    assert {example.article for example in seeds} == set(articles)
    assert all((example.text or "") in articles[example.article] for example in seeds)


def test_every_id_that_ends_as_a_line_does_is_a_line_of_its_article() -> None:
    ending = [row for row, example in enumerate(shipped().examples) if re.search(r":\d\d+$", example.id)]

    assert sorted(find_lines(shipped().examples).rows.tolist()) == ending != []


def test_seed_lines_that_stand_twice_say_so() -> None:
    twice = set()
    for path in (ROOT / "seeds").glob("*.txt"):
        lines = [paragraph.text for paragraph in paragraphs(path.read_text(encoding="utf-8"))]
        twice |= {(f"seed-{path.name[:3]}", t) for t, r in zip(lines, repeated(lines), strict=True) if r}
    seeds = [example for example in shipped().examples if example.source == "seed"]

    assert [e.id for e in seeds if e.repeated] == [e.id for e in seeds if (e.article, e.text) in twice]


def test_a_line_without_a_letter_or_digit_is_furniture() -> None:
    assert all(row["boilerplate"] for row in extracted_rows() if row["n_words"] == 0)


def test_an_extracted_record_holds_a_bag_and_no_text() -> None:
    allowed = {
        "id", "article", "source", "origin", "readers", "labels", "boilerplate", "words", "classes", "n_words",
        "n_sentences", "lexicon", "guide", "repeated",
    }  # fmt: skip
    for row in extracted_rows():
        bag = row["words"]
        assert isinstance(bag, dict)
        assert set(row) <= allowed
        assert list(bag) == sorted(bag)
        assert all(words(word) == [word] for word in bag)


def test_no_word_of_a_single_article_is_kept() -> None:
    articles: dict[str, set[object]] = {}
    for row in extracted_rows():
        for word in row["words"]:  # type: ignore[attr-defined]
            articles.setdefault(word, set()).add(row["article"])

    assert min(map(len, articles.values())) >= 2


def test_a_paragraph_and_its_extraction_make_the_same_features_but_for_what_is_left_out(shared: Path) -> None:
    lexicon = shipped().codebook.lexicon
    with (shared / "real" / "labelled.jsonl").open(encoding="utf-8") as file:
        texts = {row["id"]: row["text"] for row in map(json.loads, file)}
    from classifier.features import count

    for example in shipped().examples:
        if example.id not in texts:
            continue
        whole, kept = blocks(count(texts[example.id], lexicon), lexicon), blocks(example.counts, lexicon)
        assert kept[0].items() <= whole[0].items()
        assert kept[1:4] == whole[1:4]


def test_no_written_paragraph_repeats_a_real_one(shared: Path) -> None:
    real: set[str] = set()
    for name in ("labelled", "background", "raw_articles"):
        with (shared / "real" / f"{name}.jsonl").open(encoding="utf-8") as file:
            for line in file:
                real |= {gram for gram in shingles(json.loads(line)["text"]) if gram.count(" ") == 4}
    copied = []
    for example in shipped().examples:
        grams = [gram for gram in shingles(example.text or "") if gram.count(" ") == 4]
        if example.source == "written" and sum(gram in real for gram in grams) > MAX_CONTAINMENT * len(grams):
            copied.append(example.id)

    assert copied == []


def test_the_codebook_names_each_theme_once_in_both_languages() -> None:
    themes = tomllib.loads((FOLDER / "themes.toml").read_text(encoding="utf-8"))["theme"]

    assert [theme["id"] for theme in themes] == ["neutrality", "merit", "integrity", "performance", "awards"]
    assert all(theme["name_id"] and theme["name_en"] and theme["definition"] for theme in themes)


def test_the_guide_and_the_card_speak_of_every_theme() -> None:
    for page in ("GUIDE.md", "README.md"):
        text = Path(FOLDER / page).read_text(encoding="utf-8")
        assert all(theme in text for theme in shipped().codebook.theme_ids)
