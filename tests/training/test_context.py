import numpy as np

from classifier.furniture import furniture
from tests.training.test_wholes import example
from training.context import MIN_LINES, fit_context
from training.wholes import find_lines

N_ARTICLES = 20


def test_what_stands_among_furniture_is_learnt_to_be_furniture() -> None:
    """Each article ends in furniture, one line of which reads as uncertainly as one of the content."""
    examples = [example(f"{a:02}:{i:02}") for a in range(N_ARTICLES) for i in range(9)]
    reads = [-4.0, -1.0, -4.0, -4.0, 4.0, 4.0, -1.0, 4.0, 4.0]
    y, logits = (np.tile(row, N_ARTICLES) for row in ([False] * 4 + [True] * 5, reads))
    lines = find_lines(examples)

    context = fit_context(lines, logits, y, 0.0)

    assert (furniture(logits, lines.ends, lines.repeated, 0.0, context) == y).all()
    assert not ((logits >= 0) == y).all()


def test_what_stands_twice_is_learnt_to_be_furniture() -> None:
    examples = [example(f"{a:02}:{i:02}", repeated=i > 3) for a in range(N_ARTICLES) for i in range(6)]
    y, logits = (np.tile(row, N_ARTICLES) for row in ([False] * 3 + [True] * 3, [-4.0, -4.0, -1.0, 4.0, -1.0, -2.0]))
    lines = find_lines(examples)

    context = fit_context(lines, logits, y, 0.0)

    assert (furniture(logits, lines.ends, lines.repeated, 0.0, context) == y).all()


def test_with_few_lines_each_is_judged_on_its_own() -> None:
    examples = [example(f"a:{i:02}") for i in range(2 * MIN_LINES - 1)]
    y = np.arange(len(examples)) % 2 == 0

    assert fit_context(find_lines(examples), y * 4.0 - 2.0, y, 0.0).tolist() == [0.0, 0.0, 0.0]


def test_logits_that_say_nothing_are_not_divided_by() -> None:
    examples = [example(f"{a:02}:{i:02}", repeated=i > 3) for a in range(N_ARTICLES) for i in range(6)]
    y = np.tile(np.arange(6) > 3, N_ARTICLES)

    assert fit_context(find_lines(examples), np.zeros(len(y)), y, 0.0).tolist() == [0.0, 0.0, 0.0]
