"""Tables in the documents: each stands between two marks and is rewritten by the command that measures it."""

from pathlib import Path

DOCUMENT = Path("docs/quality.md")


def rewrite(name: str, content: str, document: Path = DOCUMENT) -> None:
    """Put `content` between the marks of `name` in `document`; a document without them is refused."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = document.read_text(encoding="utf-8").partition(start)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise SystemExit(f"{document} has no place {start} … {end}")
    document.write_text(f"{before}{start}\n{content}\n{end}{after}", encoding="utf-8")
    print(content, end="\n\n")
