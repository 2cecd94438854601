"""Cells that a spreadsheet would take for formulas."""

import re

# At the start of a cell or of a line in it (OWASP ASVS 1.2.10); behind quotes too, so that taking one off is exact.
_FORMULA = re.compile(r"(?m)^(?='*(?:[^\S\r\n]*[=+\-@＝＋－＠]|[\t\r]))")
_GUARDED = re.compile(r"(?m)^'(?='*(?:[^\S\r\n]*[=+\-@＝＋－＠]|[\t\r]))")


def guard(cell: str) -> str:
    """Put a quote before what looks like a formula; `unguard` takes it off again."""
    return _FORMULA.sub("'", cell)


def unguard(cell: str) -> str:
    """Return the cell as it was before `guard`."""
    return _GUARDED.sub("", cell)
