import sys

import pytest

from classifier.errors import SettingError
from classifier.extras import needed


def test_a_package_that_is_there_is_imported() -> None:
    assert needed("json.decoder", "report") is sys.modules["json.decoder"]


def test_a_missing_package_is_a_setting_with_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    with pytest.raises(SettingError, match=r"matplotlib is not installed; run pip install 'asn-themes\[report\]'"):
        needed("matplotlib", "report")
