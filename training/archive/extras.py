"""Packages that only some archives need."""

from importlib import import_module
from typing import Any

from classifier.errors import SettingError


def needed(module: str, extra: str) -> Any:
    """Import `module`, which `extra` of the project installs.

    Raises
    ------
    SettingError
        If it is not there; the message holds the install line.
    """
    try:
        return import_module(module)
    except ImportError as err:
        raise SettingError(f"setting: {module} is not installed; run pip install 'asn-themes[{extra}]'") from err
