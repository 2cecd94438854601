"""`make sweep`: what each lever of the recipe and each coarse class gives; rewrites two tables in docs/training.md."""

import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from benchmarks.document import replace_section
from benchmarks.trial import Trial, heading, judge, row
from classifier.features import Counts
from classifier.lexicon import Lexicon
from training.fit import Recipe
from training.labels import read_labels

_SUFFIXES = ("kannya", "annya", "inya", "nya", "lah", "kah", "kan", "an", "i")
_PREFIXES = (
    "memper", "diper", "menge", "meng", "meny", "men", "mem", "peng", "peny", "pen", "pem", "ber", "ter",
    "me", "di", "pe", "ke", "se",
)  # fmt: skip
_MIN_STEM_CHARS = 4


def light_stem(word: str) -> str:
    """Strip one suffix and one prefix where four letters remain."""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _MIN_STEM_CHARS:
            word = word.removesuffix(suffix)
            break
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _MIN_STEM_CHARS:
            return word.removeprefix(prefix)
    return word


def fold_words(fold: Callable[[str], str]) -> Callable[[Counts], Counts]:
    """Make a change of counts that renames words and adds up those that fall together."""

    def change(counts: Counts) -> Counts:
        words: Counter[str] = Counter()
        for word, n in counts.words.items():
            words[fold(word)] += n
        return Counts(words, counts.classes)

    return change


def characters(counts: list[Counts], train: NDArray[np.intp]) -> object:
    """Characters 3 to 5 within words; they follow from the bag of words."""
    texts = [" ".join(" ".join([word] * n) for word, n in c.words.items()) for c in counts]
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=3, sublinear_tf=True)
    vectorizer.fit([texts[i] for i in train])
    return vectorizer.transform(texts)


def naive_bayes_ratios(X, Y, weights, X_test):  # type: ignore[no-untyped-def]  # sparse matrices carry no types
    """Logistic regression on features scaled by their log-count ratios (Wang and Manning 2012)."""
    columns = []
    for y in Y.T:
        for_y, against = 1 + X[y].T @ weights[y], 1 + X[~y].T @ weights[~y]
        ratio = np.log((for_y / for_y.sum()) / (against / against.sum()))
        model = LogisticRegression(C=2, solver="liblinear").fit(X.multiply(ratio).tocsr(), y, sample_weight=weights)
        columns.append(model.decision_function(X_test.multiply(ratio).tocsr()))
    return np.array(columns).T


def support_vectors(X, Y, weights, X_test):  # type: ignore[no-untyped-def]
    """LinearSVC at the C that did best for it."""
    models = [LinearSVC(C=0.1).fit(X, y, sample_weight=weights) for y in Y.T]
    return np.array([model.decision_function(X_test) for model in models]).T


def balanced(X, Y, weights, X_test):  # type: ignore[no-untyped-def]
    """Logistic regression with balanced class weights."""
    models = [
        LogisticRegression(C=2, solver="liblinear", class_weight="balanced").fit(X, y, sample_weight=weights)
        for y in Y.T
    ]
    return np.array([model.decision_function(X_test) for model in models]).T


CLASSES = ("coarse", "fine", "no_coarse")
TRIALS = [
    Trial("**shipped**"),
    Trial("without word classes", without=CLASSES),
    Trial("without fine classes", without=("fine",)),
    Trial("without coarse classes", without=("coarse", "no_coarse")),
    Trial("without absence of coarse classes", without=("no_coarse",)),
    Trial("without length", without=("length",)),
    Trial("without words", without=("word",)),
    Trial("no real paragraph in training", keep=lambda e: not e.real),
    Trial("no written paragraph in training", keep=lambda e: e.real),
    Trial("with characters 3-5 within words", columns=characters),
    Trial("characters, no word classes", without=CLASSES, columns=characters),
    Trial("light affix stripping", change=fold_words(light_stem)),
    Trial("digits folded", change=fold_words(lambda word: re.sub(r"\d", "0", word))),
    Trial("naive-Bayes ratios", scorer=naive_bayes_ratios),
    Trial("LinearSVC, C 0.1", scorer=support_vectors),
    Trial("balanced class weights", scorer=balanced),
    *(Trial(f"C {C:g}", recipe=Recipe(C=C)) for C in (0.5, 1, 5, 10)),
    *(Trial(f"real weight {w:g}", recipe=Recipe(real_weight=w)) for w in (1, 2, 6)),
    *(Trial(f"words in {n} paragraphs or more", recipe=Recipe(min_df=n)) for n in (1, 3, 5)),
]


def without_class(coarse: str, lexicon: Lexicon) -> Trial:
    """Make the trial in which a coarse class and its fine ones are never met."""
    names = {coarse, *lexicon.classes[coarse]}

    def change(counts: Counts) -> Counts:
        return Counts(counts.words, {name: n for name, n in counts.classes.items() if name not in names})

    return Trial(f"without `{coarse}` ({len(names) - 1} fine classes)", change=change)


def main() -> None:
    """Run every trial and write the tables."""
    labels = read_labels(Path("labels"))
    lexicon = labels.codebook.lexicon
    for section, trials in (("sweep", TRIALS), ("classes", [without_class(c, lexicon) for c in lexicon.coarse])):
        lines = [heading(labels.codebook.theme_ids)]
        for trial in trials:
            lines.append(row(trial.name, judge(labels, trial)))
            print(lines[-1], file=sys.stderr, flush=True)
        replace_section(Path("docs/training.md"), section, "\n".join(lines))


if __name__ == "__main__":
    main()
