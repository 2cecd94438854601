"""A taxonomy of one's own: a folder with a codebook to fill in, and nothing labelled yet."""

from importlib.resources import files
from pathlib import Path

from classifier.errors import OutputFailedError
from classifier.files import publish, writing

_LABELS = ("themes.toml", "lexicon.toml", "GUIDE.md")
_BATCHES = ("paragraphs", "extracted", "readings")


def create(folder: Path) -> None:
    """Fill an empty or new `folder` with the skeleton of a taxonomy.

    Raises
    ------
    OutputFailedError
        If something stands there already, or it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputFailedError(f"output: {folder} is not empty; name a new folder")
    skeleton = files("training") / "skeleton"
    with writing(folder):
        for name in _BATCHES:
            (folder / "labels" / name).mkdir(parents=True)
    for name in _LABELS:
        publish((skeleton / name).read_bytes(), folder / "labels" / name)
    publish((skeleton / "README.md").read_bytes(), folder / "README.md")
