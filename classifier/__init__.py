"""Themes of the Indonesian civil service in news: the library."""

from classifier.errors import AsnThemesError, InputRejectedError, ModelRejectedError
from classifier.results import ArticleResult, Contribution, ParagraphResult, ThemeLabel
from classifier.scoring import Classifier

__all__ = [
    "ArticleResult",
    "AsnThemesError",
    "Classifier",
    "Contribution",
    "InputRejectedError",
    "ModelRejectedError",
    "ParagraphResult",
    "ThemeLabel",
]
