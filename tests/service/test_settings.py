from pathlib import Path

import pytest

from classifier.errors import SettingError
from service.settings import Settings


def test_settings_come_from_the_environment_and_options_go_before() -> None:
    settings = Settings.from_environment({"ASN_THEMES_PORT": "9000", "ASN_THEMES_MODEL": "x.npz"}, port=9001)

    assert (9001, Path("x.npz"), "127.0.0.1") == (settings.port, settings.model, settings.host)


@pytest.mark.parametrize(("name", "value"), [("PORT", "eighty"), ("WORKERS", "0"), ("MAX_CHARS", "-1"), ("PORT", "-1")])
def test_a_value_of_the_wrong_kind_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"ASN_THEMES_{name}"):
        Settings.from_environment({f"ASN_THEMES_{name}": value})
