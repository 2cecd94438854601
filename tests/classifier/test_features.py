import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.features import BLOCKS, Features, blocks, count
from classifier.lexicon import Lexicon
from classifier.model import Model

LEXICON = Lexicon({"person": {"servant": ["asn"]}, "deed": {"given": ["melantik"]}})


def test_words_of_one_character_are_left_out_but_still_make_classes() -> None:
    counts = count("eselon I i", Lexicon({"post": {"rank": ["eselon i"]}}))

    assert dict(counts.words) == {"eselon": 1}
    assert counts.classes == {"post": 1, "rank": 1}


def test_a_class_that_does_not_occur_is_a_feature_too() -> None:
    by_block = dict(zip(BLOCKS, blocks(count("ASN", LEXICON), LEXICON), strict=True))

    assert by_block["coarse"] == {"person": 1}
    assert by_block["no_coarse"] == {"deed": 1}


@pytest.mark.parametrize(("n", "begins"), [(0, "0"), (1, "1"), (5, "3"), (6, "6"), (62, "40"), (63, "63"), (900, "63")])
def test_a_paragraph_is_as_long_as_the_class_its_words_reach(n: int, begins: str) -> None:
    length = dict(zip(BLOCKS, blocks(count("kata " * n, LEXICON), LEXICON), strict=True))["length"]

    assert {begins: 1} == length


def test_a_row_is_tf_idf_by_hand() -> None:
    features = Features((("asn", "netral"), (), (), (), ()), np.array([1.0, 2.0], dtype=np.float32))

    row = features.row(blocks(count("ASN netral, netral! wajib", LEXICON), LEXICON))

    asn, netral = 1.0, (1 + math.log(2)) * 2.0
    assert row.indices.tolist() == [0, 1]
    assert [asn / math.hypot(asn, netral), netral / math.hypot(asn, netral)] == pytest.approx(row.values.tolist())


@given(st.text(max_size=200))
def test_each_block_has_length_one_or_nothing_in_it(text: str) -> None:
    known = count(text + " asn melantik", LEXICON)
    terms = tuple(tuple(sorted(block)) for block in blocks(known, LEXICON))
    features = Features(terms, np.ones(sum(map(len, terms)), dtype=np.float32))

    row = features.row(blocks(count(text, LEXICON), LEXICON))

    ends = np.cumsum([len(block) for block in terms])
    for start, end in zip([0, *ends], ends, strict=False):
        inside = row.values[(row.indices >= start) & (row.indices < end)]
        assert np.linalg.norm(inside) == pytest.approx(1.0) or len(inside) == 0


def test_a_feature_that_training_never_had_contributes_nothing(model: Model) -> None:
    plain = model.features.row(blocks(count("kinerja pegawai", model.lexicon), model.lexicon))
    more = model.features.row(blocks(count("kinerja pegawai xyzzy qwerty", model.lexicon), model.lexicon))

    assert plain.values.tolist() == more.values.tolist()
