"""Small archives and a short way to score them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import AWARDS, FURNITURE, INTEGRITY, MERIT, NEUTRALITY, NOTHING, PERFORMANCE
from training.archive.backends import Backend
from training.archive.options import Options
from training.archive.run import Run
from training.archive.target import Summary

TEXTS = [NEUTRALITY, MERIT, INTEGRITY, PERFORMANCE, AWARDS, NOTHING, FURNITURE]
Score = Callable[..., Summary]


def article(number: int) -> dict[str, Any]:
    texts = [TEXTS[number % 7], TEXTS[number % 5], TEXTS[number % 3]]
    return {"id": f"{number:03}", "text": "\n".join(texts), "title": TEXTS[number % 4], "outlet": "x"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(article(n), ensure_ascii=False) + "\n" for n in range(60)), encoding="utf-8")
    return path


@pytest.fixture
def score(model_path: Path) -> Score:
    """Score files into a target with one process, in parts of 1 kB."""

    def score(*inputs: Path, to: Path | str, max_rejected: int = 0, **options: Any) -> Summary:
        chosen = Options(**{"part_bytes": 1000} | options)
        names = tuple(map(str, inputs))
        return Run(names, str(to), model_path, chosen, Backend(), max_rejected).score()

    return score
