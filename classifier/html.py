"""From a web page to the text of its article; needs the extra ``html``."""

import json
import re
from html import unescape
from typing import Any

from classifier.errors import InputRejectedError
from classifier.extras import needed

# Code and drawings hold no article, and most of a page's tags.
_OPENING = re.compile(r"<(script|style|svg|noscript)\b([^>]{0,300})>", re.IGNORECASE)
_ARTICLE_TYPES = ("Article", "NewsArticle", "ReportageNewsArticle", "BlogPosting")
# A teaser in the metadata is not the article.
_MIN_BODY_CHARS = 200
_MAX_SCRIPTS = 20
#: Opening and closing tags.  trafilatura's time grows with the square of equal paragraphs: 8,000 tags took 1.1 s,
#: 20,000 took 4.4 s, 80,000 took 60 s.
MAX_TAGS = 8_000


class PageTooLargeError(InputRejectedError):
    """A page with more tags than can be looked through in time."""

    slug = "page-too-large"


def article_text(page: str) -> str:
    """Return the article of an HTML page, one paragraph a line; empty where none is found.

    The publisher's own ``articleBody`` (JSON-LD) goes first where it keeps its paragraphs; otherwise trafilatura
    looks for the article.

    Raises
    ------
    ExtraMissingError
        If trafilatura is not installed.
    PageTooLargeError
        If the page has more than `MAX_TAGS` tags.
    """
    trafilatura = needed("trafilatura", "html")
    page, metadata = _split(page)
    body = _stated_body(metadata)
    if body is not None:
        return body
    if page.count("<") > MAX_TAGS:
        raise PageTooLargeError(f"html: the page has over {MAX_TAGS} tags; send the article's part or its text")
    try:
        # Comments are the readers', tables are scores and prices: neither is the article.
        extracted: str | None = trafilatura.extract(page, include_comments=False, include_tables=False)
    except (ValueError, RecursionError):
        # What lxml can't take for a page holds no article.
        extracted = None
    return extracted or ""


def _split(page: str) -> tuple[str, list[str]]:
    """Return the page without code and drawings, and the JSON-LD that was in it; in time linear in the page."""
    lower = page.lower() if page.isascii() else re.sub("[A-Z]+", lambda m: m.group().lower(), page)
    kept: list[str] = []
    metadata: list[str] = []
    unclosed: set[str] = set()
    position = 0
    for opening in _OPENING.finditer(page):
        name = opening.group(1).lower()
        if opening.start() < position or name in unclosed:
            continue
        end = lower.find(f"</{name}", opening.end())
        if end < 0:
            unclosed.add(name)
            continue
        kept.append(page[position : opening.start()])
        if "ld+json" in opening.group(2):
            metadata.append(page[opening.end() : end])
        # From the closing tag on: what is left of it the parser drops.
        position = end
    return "".join([*kept, page[position:]]), metadata[:_MAX_SCRIPTS]


def _stated_body(metadata: list[str]) -> str | None:
    """Return the first ``articleBody`` that has more than one paragraph."""
    for text in metadata:
        try:
            bodies = [body for node in _nodes(json.loads(text)) if (body := _body(node))]
        except (ValueError, RecursionError):
            continue
        if bodies:
            return bodies[0]
    return None


def _nodes(value: Any) -> list[Any]:
    if isinstance(value, dict):
        graph = value.get("@graph")
        return [value, *graph] if isinstance(graph, list) else [value]
    return value if isinstance(value, list) else []


def _body(node: Any) -> str | None:
    if not isinstance(node, dict) or node.get("@type") not in _ARTICLE_TYPES:
        return None
    body = node.get("articleBody")
    if not isinstance(body, str) or len(body) < _MIN_BODY_CHARS or "\n" not in body.strip():
        return None
    # Half a surrogate pair is legal in JSON and no text.
    return unescape(body).encode("utf-8", "replace").decode()
