import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from training.choice import MAX_SHARES, RANDOM, Pool, choose, doubts

THEMES = ("merit", "awards")
CUTS = np.array([[-1, 1], [-2, 0], [2, 2]], dtype=np.float32)


def pool(logits: list[list[float]], **given: list[object]) -> Pool:
    n = len(logits)
    values: dict[str, list[object]] = {
        "draws": list(np.linspace(0, 1, n, endpoint=False)),
        "articles": [f"a{i}" for i in range(n)],
        "outlets": [""] * n,
        "grams": [{f"words of {i}"} for i in range(n)],
    }
    values |= given
    furniture = np.full((n, 1), -5.0)
    return Pool(
        THEMES,
        np.hstack([np.array(logits, dtype=np.float64).reshape(n, 2), furniture]),
        CUTS,
        np.array(values["draws"]),
        np.array(values["articles"]),
        np.array(values["outlets"]),
        values["grams"],  # type: ignore[arg-type]
    )


def reasons(found: Pool, n: int, share: float = 0.0, **given: object) -> list[tuple[int, str]]:
    return [(pick.row, pick.reason) for pick in choose(found, n, share, **given)]  # type: ignore[arg-type]


def test_themes_take_turns_at_the_paragraphs_nearest_to_their_upper_cuts() -> None:
    logits = [[1.1, -9], [3.0, -9], [-9, 0.1], [-9, -0.2], [0.5, -9]]

    assert reasons(pool(logits), 4) == [(0, "merit"), (2, "awards"), (4, "merit"), (3, "awards")]


def test_furniture_is_in_doubt_of_nothing() -> None:
    logits = np.array([[1.0, 0.0, 2.0], [4.0, 4.0, 1.9]])

    assert doubts(logits, CUTS).tolist() == [[np.inf, np.inf], [3.0, 4.0]]


def test_the_random_share_is_the_lowest_draws_whatever_they_hold() -> None:
    found = pool([[1, 0]] * 10, draws=[0.9, 0.1, *[0.5] * 7, 0.2], articles=["one"] * 10, grams=[{"same"}] * 10)

    assert reasons(found, 10, 0.2)[:2] == [(1, RANDOM), (9, RANDOM)]


def test_no_near_duplicate_of_a_picked_or_a_known_paragraph_is_picked() -> None:
    texts = [{"a", "b", "c"}, {"a", "b", "c"}, {"d"}, {"e"}]
    found = pool([[1, 9], [1.1, 9], [1.2, 9], [1.3, 9]], grams=texts)

    assert {row for row, _ in reasons(found, 4, known=[{"d"}])} == {0, 3}


def test_an_article_has_room_for_three_and_an_outlet_for_twice_its_even_share() -> None:
    rows = [[1.0 + i / 100, 9] for i in range(40)]
    of_one = pool(rows, articles=["one"] * 20 + [f"a{i}" for i in range(20)])
    outlets = ["big"] * 30 + [f"o{i}" for i in range(10)]

    picked = [row for row, _ in reasons(of_one, 10)]
    by_outlet = [outlets[row] for row, _ in reasons(pool(rows, outlets=outlets), 11)]

    assert sum(row < 20 for row in picked) == 3
    assert by_outlet.count("big") == MAX_SHARES * 11 / 11


def test_an_archive_of_one_article_is_no_hindrance() -> None:
    assert len(reasons(pool([[1, 0]] * 30, articles=["one"] * 30), 20)) == 20


@given(
    st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9), st.integers(0, 3)), max_size=30),
    st.integers(1, 40),
    st.floats(0, 1),
)
def test_each_paragraph_is_picked_once_and_no_more_than_asked(
    rows: list[tuple[float, float, int]], n: int, share: float
) -> None:
    found = pool([[a, b] for a, b, _ in rows], articles=[f"a{c}" for _, _, c in rows])
    picks = choose(found, n, share)

    assert len({pick.row for pick in picks}) == len(picks) <= min(n, len(rows))
    assert sum(pick.reason == RANDOM for pick in picks) == min(round(n * share), len(rows))


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_the_random_share_is_no_richer_in_doubt_than_the_pool(share: float) -> None:
    rng = np.random.default_rng(0)
    logits: NDArray[np.float64] = rng.normal(0, 3, (2000, 2))
    found = pool(logits.tolist(), draws=rng.random(2000).tolist())
    near = doubts(found.logits, CUTS).min(axis=1)
    picks = choose(found, 400, share)

    at_random = near[[pick.row for pick in picks if pick.reason == RANDOM]]
    in_doubt = near[[pick.row for pick in picks if pick.reason != RANDOM]]
    assert abs(at_random.mean() - near.mean()) < 4 * near.std() / np.sqrt(len(at_random))
    assert in_doubt.mean() < near.mean() / 3
