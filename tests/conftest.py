"""A small model made by hand, and the paragraphs that it was made for."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from classifier import Classifier, modelfile
from classifier.features import BLOCKS, LENGTHS, Features
from classifier.lexicon import Lexicon
from classifier.model import Model, Theme
from service.app import create_app
from service.settings import Settings

pytest_plugins = ["tests.labels_folder"]

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"

# Other work on the machine must not fail a property; tests of time measure processor time themselves.
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")

NEUTRALITY = "Bawaslu mengingatkan ASN agar netral dalam pilkada."
MERIT = "Bupati melantik dua belas camat dan lurah hasil seleksi terbuka."
INTEGRITY = "Jual beli jabatan membuat kepala dinas itu dijerat pasal suap."
PERFORMANCE = "Kinerja pegawai dinilai dari target pelayanan yang tercapai."
AWARDS = "Pemkot menerima penghargaan BKN Award untuk ketiga kalinya."
NOTHING = "Hujan deras mengguyur kawasan pasar sejak sore."
FURNITURE = "Baca juga: Harga cabai naik lagi menjelang Lebaran"

THEMES = ("neutrality", "merit", "integrity", "performance", "awards")
#: Half of all paragraphs carry each theme, so that a prior is easily followed by hand.
METADATA = {
    "release": "test",
    "prior": dict.fromkeys(THEMES, 0.5),
    "quality": {"figures": {"merit_precision": [0.8, 0.7, 0.9], "macro_f1": [0.7, 0.6, 0.8]}},
}
_LEXICON = {
    "person": {"servant": ["asn", "camat", "lurah", "kepala dinas*", "pegawai"], "elected": ["bupati", "gubernur"]},
    "deed": {"post_given": ["melantik", "seleksi terbuka", "jabatan"], "post_bought": ["jual beli jabatan", "suap"]},
}
# Word → the column that it speaks for; boilerplate is column 5.
_WORDS = {
    "netral": 0, "bawaslu": 0, "melantik": 1, "seleksi": 1, "suap": 2, "jual": 2, "kinerja": 3, "target": 3,
    "penghargaan": 4, "award": 4, "baca": 5, "juga": 5,
}  # fmt: skip


def make_model() -> Model:
    """Make the model anew: one strong weight a word, half of it a class, a bias that says no."""
    lexicon = Lexicon(_LEXICON)
    terms = {
        "word": tuple(sorted(_WORDS)),
        "coarse": lexicon.coarse,
        "fine": lexicon.fine,
        "no_coarse": lexicon.coarse,
        "length": tuple(sorted(map(str, LENGTHS))),
    }
    names = [(block, term) for block in BLOCKS for term in terms[block]]
    coef = np.zeros((len(names), len(THEMES) + 1), dtype=np.float32)
    for row, (block, term) in enumerate(names):
        if block == "word":
            coef[row, _WORDS[term]] = 8.0
        if (block, term) == ("fine", "post_bought"):
            coef[row, 2] = 4.0
        if (block, term) == ("no_coarse", "person"):
            coef[row, :5] = -1.0
    features = Features(tuple(terms[block] for block in BLOCKS), np.linspace(1, 2, len(names), dtype=np.float32))
    cuts = np.array([[-1.0, 1.0]] * 5 + [[2.0, 2.0]], dtype=np.float32)
    themes = tuple(Theme(t, t.title(), t.title(), f"Tentang {t}.") for t in THEMES)
    return Model(themes, lexicon, features, coef, np.full(6, -3, dtype=np.float32), cuts, METADATA)


@pytest.fixture(scope="session")
def model() -> Model:
    return make_model()


@pytest.fixture(scope="session")
def model_path(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "model.npz"
    modelfile.save(model, path)
    return path


@pytest.fixture(scope="session")
def classifier(model_path: Path) -> Classifier:
    return Classifier.load(model_path)


@pytest.fixture
def settings(model_path: Path) -> Settings:
    return Settings(model=model_path, max_chars=2000, max_documents=3, max_body_bytes=20_000)


@pytest.fixture
def app(settings: Settings, classifier: Classifier) -> Flask:
    return create_app(settings, classifier)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        # No part of the project: who clones it alone still has a suite that runs.
        pytest.skip("the material shared with the project is not on this machine")
    return SHARED


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() <= before
