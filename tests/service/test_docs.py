"""What the docs say of routes and settings is whole."""

import re
from dataclasses import fields

from service.settings import PREFIX, Settings
from tests.conftest import ROOT
from tests.service.test_contract import CONTRACT


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (\S+)", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE))

    assert set(rows) == {PREFIX + field.name.upper() for field in fields(Settings)}
    for field in fields(Settings):
        shown = rows[PREFIX + field.name.upper()].strip("`")
        given = {} if shown == "none" else {PREFIX + field.name.upper(): shown}
        assert getattr(Settings.from_environment(given), field.name) == field.default


def test_every_route_is_documented() -> None:
    docs = (ROOT / "docs" / "api.md").read_text()

    assert [path for path in CONTRACT["paths"] if path not in docs and path.rpartition("/")[2] not in docs] == []
