"""A correction: what one person says of one theme of one paragraph."""

import hashlib
import json
from typing import NamedTuple


class Correction(NamedTuple):
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
        return hashlib.sha256(json.dumps(self).encode()).hexdigest()


#: What a correction is made of, by name.
FIELDS = frozenset(Correction._fields)


class Receipt(NamedTuple):
    """What a giver gets for a stored correction: its id, when it came (RFC 3339, UTC), and if they had it before."""

    id: str
    received: str
    again: bool = False


class Stored(NamedTuple):
    """A correction as it stands in the store, with who gave it and its receipt."""

    correction: Correction
    giver: str
    receipt: Receipt
