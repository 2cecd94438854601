"""Time against length: hostile families of text at one length and at twice that, interleaved, the fastest of each."""

import time
from pathlib import Path

from benchmarks.document import replace_section
from classifier import Classifier
from tests.classifier.test_engine import FAMILIES

ROOT = Path(__file__).parents[1]
# Both lengths fit the scratch memory that the kernel keeps: beyond it, pages are asked for anew each time.
CHARACTERS = 1 << 17
ROUNDS = 15


def main() -> None:
    engine = Classifier.load(ROOT / "model.npz").engine
    lines = ["| family | n characters, ms | 2n, ms | ratio (aim: at most 2.3) |", "|---|---|---|---|"]
    for family, make in FAMILIES.items():
        texts = [[make(CHARACTERS)], [make(2 * CHARACTERS)]]
        fastest = [float("inf")] * 2
        for _ in range(ROUNDS):
            for i, text in enumerate(texts):
                start = time.process_time()
                engine.logits(text)
                fastest[i] = min(fastest[i], time.process_time() - start)
        n, twice = fastest
        lines.append(f"| {family} | {1e3 * n:.2f} | {1e3 * twice:.2f} | {twice / n:.2f} |")
    replace_section(ROOT / "docs/benchmarks.md", "linear", "\n".join(lines))


if __name__ == "__main__":
    main()
