"""What a run is told: the part of it that decides the bytes of the output, checked and frozen."""

from dataclasses import asdict, dataclass
from typing import Any

from classifier.errors import SettingError

#: Version of the layout of rows, as docs/archives.md describes it.
SCHEMA = 1
#: Columns passed through where nothing is said: what an archive is grouped by later.
KEPT_BY_DEFAULT = ("date", "outlet", "url")
KINDS = ("jsonl", "csv", "ssv", "tsv", "parquet", "txt", "html")
#: What names of packed files end in.
PACKED = {".gz", ".zst"}
OUTPUTS = ("jsonl", "csv", "parquet")
# Names that an answer has already; a kept column must not hide them.
_ANSWER = {
    "model", "id", "empty", "themes", "scores", "labels",
    "paragraph", "start", "end", "field", "boilerplate", "evidence",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """What is read of a row and what is written for it.

    Attributes
    ----------
    id, text, title, html : str
        The columns or keys that hold them; `html` is read where a row has no `text` or an empty one.
    keep : tuple of str
        Columns passed through as text.
    required : bool
        Whether a table without one of the kept columns is refused; so where they were asked for by name.
    kind : str or None
        The kind of all inputs; None for what each name ends in.
    output : str
        ``jsonl``, ``csv`` or ``parquet``.
    paragraphs, explain : bool
        One row a paragraph instead of one an article; with the evidence for its themes, in an article's row that of
        the strongest paragraph of each theme.
    csv_raw : bool
        Leave cells that a spreadsheet would take for formulas as they are.
    limit : int or None
        Only the first rows of the archive.
    sample : float or None
        Only this share of the rows in (0, 1], the same ones each time.
    prior : str
        Shares of themes that scores are moved to, as ``theme=share,…``; empty for those of the labels.
    part_bytes : int
        Input bytes a part.
    max_unpacked_bytes : int
        Largest content of a compressed file.
    """

    id: str = "id"
    text: str = "text"
    title: str = "title"
    html: str = "html"
    keep: tuple[str, ...] = KEPT_BY_DEFAULT
    required: bool = False
    kind: str | None = None
    output: str = "jsonl"
    paragraphs: bool = False
    explain: bool = False
    csv_raw: bool = False
    limit: int | None = None
    sample: float | None = None
    prior: str = ""
    part_bytes: int = 8 << 20
    max_unpacked_bytes: int = 64 << 30

    def __post_init__(self) -> None:
        taken = [name for name in self.keep if name in _ANSWER or name.endswith(("_score", "_decision", "_share"))]
        if taken:
            raise SettingError(f"setting: --keep {taken[0]}: answers have a column of that name; leave it out")
        if len(set(self.keep)) < len(self.keep) or any("\n" in name or not name for name in self.keep):
            raise SettingError("setting: --keep takes each column once, by a name of one line")

    @property
    def asked(self) -> tuple[str, ...]:
        """The columns that were asked for by another name than their own: a table must have them."""
        named = [getattr(self, name) for name in ("id", "title", "html") if getattr(self, name) != name]
        return (*named, *(self.keep if self.required else ()))

    def to_json(self) -> dict[str, Any]:
        """Return what the manifest holds of them."""
        return asdict(self) | {"keep": list(self.keep), "schema": SCHEMA}
