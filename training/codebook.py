"""The codebook on disk: ``labels/themes.toml`` and ``labels/lexicon.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classifier.errors import LabelsRejectedError, SettingError
from classifier.lexicon import Lexicon
from classifier.model import Theme


@dataclass(frozen=True)
class Codebook:
    """What labels mean.

    Attributes
    ----------
    themes : tuple of Theme
        In the order of all arrays and files.
    guide : int
        Revision of the guide that labels follow.
    lexicon : Lexicon
        The word classes.
    shared : mapping of str to str
        Entries that stand in several fine classes, each with its reason.
    aliases : mapping of str to str
        Other names by which labels come in from elsewhere, each with its theme id, ``boilerplate`` or ``none``.
    title : mapping of str to str
        What all of it is called, by language (``id``, ``en``); empty for the themes of the civil service.
    """

    themes: tuple[Theme, ...]
    guide: int
    lexicon: Lexicon
    shared: dict[str, str]
    aliases: Mapping[str, str] = field(default_factory=dict)
    title: Mapping[str, str] = field(default_factory=dict)

    @property
    def theme_ids(self) -> tuple[str, ...]:
        """Theme ids in order."""
        return tuple(theme.id for theme in self.themes)

    def check_themes(self, themes: tuple[str, ...]) -> None:
        """Check that the `themes` of a model are those here.

        Raises
        ------
        SettingError
            If they are others.
        """
        if themes != self.theme_ids:
            raise SettingError("setting: the model has other themes than the labels; run `asn-themes train`")


def read_codebook(folder: Path) -> Codebook:
    """Read the codebook of a labels folder.

    Raises
    ------
    LabelsRejectedError
        If a file is missing or is not what it should be.
    """
    themes = _toml(folder / "themes.toml")
    lexicon = _toml(folder / "lexicon.toml")
    shared = lexicon.pop("shared", {})
    try:
        classes = {
            coarse: {fine: table["words"] for fine, table in fines.items() if fine != "about"}
            for coarse, fines in lexicon.items()
        }
        known = tuple(Theme(**theme) for theme in themes["theme"])
        title = {language: str(themes["title"][language]) for language in ("id", "en")} if "title" in themes else {}
        return Codebook(known, themes["guide"], Lexicon(classes), shared, dict(themes.get("aliases", {})), title)
    except (KeyError, TypeError, AttributeError, ValueError) as err:
        raise LabelsRejectedError(f"labels: {folder}: themes.toml or lexicon.toml lacks a field ({err})") from err


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        raise LabelsRejectedError(f"labels: cannot read {path}: {err}") from err
