"""From the page of a document to its article."""

from classifier.errors import ExtraMissingError
from classifier.html import PageTooLargeError, article_text
from service.payload import MEDIA_TYPES, Document, unsupported
from service.problems import ProblemError
from service.settings import Settings


def resolve(document: Document, settings: Settings) -> Document:
    """Return `document` with the article of its page for a text, where it has a page.

    Raises
    ------
    ProblemError
        With 415 where pages can't be read here, 413 where the page or its article is too large.
    """
    if document.html is None:
        return document
    try:
        text = article_text(document.html)
    except ExtraMissingError as err:
        raise unsupported(
            "Pages can't be read here: the extra `html` is not installed. Send text.", MEDIA_TYPES[:2]
        ) from err
    except PageTooLargeError as err:
        raise ProblemError(413, "page-too-large", str(err)) from err
    if len(text) > settings.max_chars:
        raise ProblemError(413, "text-too-long", f"At most {settings.max_chars} characters an article.")
    return document._replace(text=text)
