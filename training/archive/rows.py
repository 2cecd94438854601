"""What a row of output holds: the objects of JSON lines and the flat columns of tables."""

import json
from collections.abc import Iterator
from typing import Any

from classifier.results import ArticleResult, ParagraphResult
from training.archive.documents import Document
from training.archive.options import Options

Row = dict[str, Any]


def objects(document: Document, result: ArticleResult, options: Options) -> Iterator[Row]:
    """Give the JSON objects of an article: the service's answer without paragraphs, or its paragraphs one by one."""
    if not options.paragraphs:
        yield result.to_json(document_id=document.id, paragraphs=False) | document.kept
        return
    for number, paragraph in enumerate(result.paragraphs):
        head = {"model": result.model, "id": document.id, "paragraph": number}
        yield head | paragraph.to_json() | document.kept


def flat(document: Document, result: ArticleResult, options: Options) -> Iterator[Row]:
    """Give the same as columns of text, numbers and truth values; those of `columns`."""
    head = {"id": document.id} | {name: document.kept.get(name) for name in options.keep}
    if options.paragraphs:
        for number, paragraph in enumerate(result.paragraphs):
            yield head | {"paragraph": number} | _paragraph(paragraph, options)
        return
    row: Row = head | {"empty": result.empty}
    for label in result.labels:
        row[f"{label.label}_score"] = label.score
        row[f"{label.label}_decision"] = label.decision
        row[f"{label.label}_share"] = label.share
    yield row


def _paragraph(paragraph: ParagraphResult, options: Options) -> Row:
    row: Row = {
        "field": paragraph.field,
        "start": paragraph.start,
        "end": paragraph.end,
        "boilerplate": paragraph.boilerplate,
    }
    for theme, score in paragraph.scores.items():
        row[f"{theme}_score"] = score
        row[f"{theme}_decision"] = paragraph.decisions[theme]
    if options.explain:
        evidence = [contribution.to_json() for contribution in paragraph.evidence or ()]
        row["evidence"] = json.dumps(evidence, ensure_ascii=False)
    return row


def columns(options: Options, themes: tuple[str, ...]) -> dict[str, type]:
    """Name the flat columns, in order, with their types."""
    found: dict[str, type] = dict.fromkeys(("id", *options.keep), str)
    if not options.paragraphs:
        found["empty"] = bool
        per_theme: dict[str, type] = {"score": float, "decision": str, "share": float}
    else:
        found |= {"paragraph": int, "field": str, "start": int, "end": int, "boilerplate": bool}
        per_theme = {"score": float, "decision": str}
    found |= {f"{theme}_{name}": kind for theme in themes for name, kind in per_theme.items()}
    return found | ({"evidence": str} if options.explain else {})
