"""fastText in a process and an environment of its own: texts and labels in, probabilities out, as JSON lines.

Run by benchmarks/baselines.py; `fasttext` and `numpy<2` have to be there.
"""

import json
import sys
import tempfile

import fasttext


def main() -> None:
    job = json.load(sys.stdin)
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        for text, labels in zip(job["train"], job["labels"], strict=True):
            file.write(" ".join(f"__label__{name}" for name in labels or ["none"]) + f" {text}\n")
        file.flush()
        # The settings of the library's own tutorial on several labels a text.
        model = fasttext.train_supervised(
            file.name, lr=0.5, epoch=25, wordNgrams=2, loss="ova", thread=1, seed=0, verbose=0
        )
    for text in job["test"]:
        names, shares = model.predict(text, k=-1)
        print(json.dumps({name.removeprefix("__label__"): float(p) for name, p in zip(names, shares, strict=True)}))


if __name__ == "__main__":
    main()
