"""Packages that only some uses need: the project's extras."""

from importlib import import_module
from typing import Any

from classifier.errors import ExtraMissingError


def needed(module: str, extra: str) -> Any:
    """Import `module`, which `extra` of the project installs.

    Raises
    ------
    ExtraMissingError
        If it is not there; the message holds the install line.
    """
    try:
        return import_module(module)
    except ImportError as err:
        raise ExtraMissingError(f"setting: {module} is not installed; run pip install 'asn-themes[{extra}]'") from err
