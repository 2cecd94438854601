"""What labels are called: ids, Indonesian and English names and aliases, all of one output."""

from collections.abc import Sequence

from classifier.errors import LabelsRejectedError
from classifier.model import BOILERPLATE, BOILERPLATE_NAMES, name_key
from training.codebook import Codebook

#: What says outright that a text carries no theme, where an empty label could also mean that nobody looked.
NONE = "none"
_NONE_NAMES = ("tidak ada", "tidak ada tema", "no theme")
_COMMON = dict.fromkeys(BOILERPLATE_NAMES, BOILERPLATE) | dict.fromkeys(_NONE_NAMES, NONE)
_SEPARATORS = ("#", ";", "|", ",", "\n")


class Names:
    """The names of a codebook, without regard to case, spaces and underscores.

    Parameters
    ----------
    codebook : Codebook
        Its themes and aliases.

    Raises
    ------
    LabelsRejectedError
        If a name stands for two outputs.
    """

    def __init__(self, codebook: Codebook) -> None:
        self.themes = codebook.theme_ids
        self.outputs = (*self.themes, BOILERPLATE)
        self._known: dict[str, str] = {}
        for output in (*self.outputs, NONE):
            self._add(output, output)
        for theme in codebook.themes:
            self._add(theme.name_id, theme.id)
            self._add(theme.name_en, theme.id)
        for alias, output in codebook.aliases.items():
            if output not in (*self.outputs, NONE):
                raise LabelsRejectedError(f"labels: themes.toml: alias {alias!r} is for {output!r}, which is no theme")
            self._add(alias, output)
        self._known = _COMMON | self._known

    def _add(self, name: str, output: str) -> None:
        if self._known.setdefault(name_key(name), output) != output:
            raise LabelsRejectedError(f"labels: themes.toml: {name!r} is the name of two things; rename one")

    def find(self, name: str) -> str | None:
        """Return the output that `name` stands for: a theme id, ``boilerplate`` or ``none``."""
        return self._known.get(name_key(name))

    def ordered(self, themes: Sequence[str]) -> tuple[str, ...]:
        """Return theme ids once each, in the order of the codebook."""
        return tuple(theme for theme in self.themes if theme in themes)

    def split(self, cell: str) -> list[str]:
        """Cut a cell with several names at the separator that leaves known names alone, or else at the first in it."""
        if not cell.strip() or self.find(cell):
            return [cell] if cell.strip() else []
        cuts = [[part for part in cell.split(s) if part.strip()] for s in _SEPARATORS if s in cell]
        return next((parts for parts in cuts if all(map(self.find, parts))), cuts[0] if cuts else [cell])
