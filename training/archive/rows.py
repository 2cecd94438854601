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
        answer = result.to_json(document_id=document.id, paragraphs=False)
        if options.explain:
            answer["evidence"] = _evidence(result)
        answer.update(document.kept)
        yield answer
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
    for theme, score, decision, share in result.rows:
        row[f"{theme}_score"] = score
        row[f"{theme}_decision"] = decision
        row[f"{theme}_share"] = share
    if options.explain:
        row["evidence"] = json.dumps(_evidence(result), ensure_ascii=False)
    yield row


def _evidence(result: ArticleResult) -> list[Row]:
    """List, for each theme that is not ruled out, why the paragraph that speaks for it has its score."""
    content = [(number, p) for number, p in enumerate(result.paragraphs) if not p.boilerplate]
    found: list[Row] = []
    for theme, decision in result.decisions.items():
        if decision == "no":
            continue
        number, strongest = max(content, key=lambda pair: pair[1].scores[theme])
        place = {"paragraph": number, "field": strongest.field}
        found += [place | c.to_json() for c in strongest.evidence or () if c.theme == theme]
    return found


def _paragraph(paragraph: ParagraphResult, options: Options) -> Row:
    row: Row = {
        "field": paragraph.field,
        "start": paragraph.start,
        "end": paragraph.end,
        "boilerplate": paragraph.boilerplate,
    }
    for theme, score, decision in paragraph.rows:
        row[f"{theme}_score"] = score
        row[f"{theme}_decision"] = decision
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
