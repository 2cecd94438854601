import hashlib
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


@pytest.mark.parametrize(
    "value", [",", " ", "kunci-rahasia", "0" * 63, hashlib.sha256(b"").hexdigest(), f"{'0' * 64},{'E' * 63}"]
)
def test_keys_that_are_none_stop_the_start_and_are_not_shown(value: str) -> None:
    with pytest.raises(SettingError, match="ASN_THEMES_API_KEYS") as refused:
        Settings.from_environment({"ASN_THEMES_API_KEYS": value})

    assert value in {",", " "} or value not in str(refused.value)


def test_keys_are_their_hashes_in_either_case() -> None:
    settings = Settings.from_environment({"ASN_THEMES_API_KEYS": f"{'0' * 64}, {'E' * 64},"})

    assert settings.api_keys == ("0" * 64, "e" * 64)
