"""A peer in an environment of its own: trains once, scores what it is told, answers in seconds."""

import json
import sys
import tempfile

from timing import timed


def sklearn_scorer(texts, targets):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline

    fit = OneVsRestClassifier(LogisticRegression(C=2, solver="liblinear"))
    return make_pipeline(TfidfVectorizer(min_df=2, sublinear_tf=True), fit).fit(texts, targets).decision_function


def trained(fasttext, path):
    """Train anew where it ends in NaN: it does in most runs of the same texts and seed, in some processes in all."""
    for _ in range(20):
        try:
            return fasttext.train_supervised(
                path, dim=16, epoch=25, lr=0.5, loss="ova", bucket=0, minn=0, maxn=0, thread=1, verbose=0
            )
        except RuntimeError:
            continue
    raise SystemExit("fastText: NaN in twenty trainings")


def fasttext_scorer(texts, targets):
    import fasttext

    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        for text, row in zip(texts, targets, strict=True):
            labels = [f"__label__{k}" for k, yes in enumerate(row) if yes] or ["__label__none"]
            file.write(" ".join([*labels, " ".join(text.lower().split())]) + "\n")
        file.flush()
        model = trained(fasttext, file.name)
    return lambda texts: model.predict([" ".join(t.split()) for t in texts], k=-1)


def main() -> None:
    kind, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        job = json.load(file)
    scorer = {"sklearn": sklearn_scorer, "fasttext": fasttext_scorer}[kind](job["train"], job["targets"])
    sets = {name: texts for name, texts in job["texts"].items()}
    print("ready", flush=True)
    for line in sys.stdin:
        texts = sets[line.strip()]
        print(timed(lambda texts=texts: scorer(texts)), flush=True)


main()
