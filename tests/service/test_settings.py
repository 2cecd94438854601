import hashlib
from dataclasses import fields
from pathlib import Path

import pytest

from classifier.errors import SettingError
from service.settings import Settings


def test_settings_come_from_the_environment_and_options_go_before() -> None:
    settings = Settings.from_environment({"ASN_THEMES_PORT": "9000", "ASN_THEMES_MODEL": "x.npz"}, port=9001)

    assert (9001, Path("x.npz"), "127.0.0.1") == (settings.port, settings.model, settings.host)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "-1"),
        ("PORT", "99999"),
        ("PORT", "18_103"),
        ("PORT", "8 0"),
        ("PORT", "٨٠"),
        ("WORKERS", "0"),
        ("MAX_CHARS", "9" * 5000),
        ("DRAIN_S", "1_0"),
        ("DRAIN_S", "nan"),
        ("DRAIN_S", "3601"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"ASN_THEMES_{name}"):
        Settings.from_environment({f"ASN_THEMES_{name}": value})


def test_blanks_around_a_number_and_missing_brackets_of_an_address_do_no_harm() -> None:
    settings = Settings.from_environment(
        {"ASN_THEMES_PORT": " 80 ", "ASN_THEMES_ALLOWED_HOSTS": "2001:db8::5, Berita.example"}, drain_s=1e-5
    )

    assert (settings.port, settings.drain_s) == (80, 1e-5)
    assert settings.allowed_hosts == ("[2001:db8::5]", "berita.example")


def test_an_empty_variable_counts_as_none() -> None:
    names = [f"ASN_THEMES_{known.name.upper()}" for known in fields(Settings)]

    assert Settings.from_environment(dict.fromkeys(names, "")) == Settings()


@pytest.mark.parametrize(
    ("host", "read"),
    [("::1", "[::1]"), ("[::1]", "[::1]"), ("127.0.0.1", "127.0.0.1"), ("tema.example", "tema.example")],
)
def test_an_address_of_ipv6_may_stand_without_brackets(host: str, read: str) -> None:
    assert Settings.from_environment({"ASN_THEMES_HOST": host}).host == read


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
