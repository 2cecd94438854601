"""A correction: what one person says of one theme of one paragraph."""

import hashlib
import json
from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True)
class Correction:
    """What a giver says.

    Attributes
    ----------
    text : str
        The paragraph.
    theme : str
        Theme id.
    verdict : str
        ``yes`` where the paragraph carries the theme, ``no`` where it does not.
    model : str
        Version of the model whose answer was looked at, 12 to 64 hex digits.
    note : str
        Why; empty where nothing is told.
    article : str
        The article it stands in; empty where unknown.
    """

    text: str
    theme: str
    verdict: str
    model: str
    note: str = ""
    article: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of all of it."""
        return hashlib.sha256(json.dumps(astuple(self)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a giver gets for a correction that is stored: its id, and when it came (RFC 3339, UTC)."""

    id: str
    received: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A correction as it stands in the store, with who gave it and its receipt."""

    correction: Correction
    giver: str
    receipt: Receipt
