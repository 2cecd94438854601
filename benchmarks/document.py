"""Tables in the docs that a command writes: each stands between two comment lines that bear its name.

``COMMAND | python -m benchmarks.document FILE NAME`` puts what the command prints there.
"""

import sys
from pathlib import Path


def replace_section(path: Path, name: str, content: str) -> None:
    """Put `content` between ``<!-- name -->`` and ``<!-- /name -->`` of a Markdown file."""
    text = path.read_text(encoding="utf-8")
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, rest = text.split(start)
    _, after = rest.split(end)
    path.write_text(f"{before}{start}{content}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    replace_section(Path(sys.argv[1]), sys.argv[2], sys.stdin.read().rstrip("\n"))
