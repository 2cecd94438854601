import numpy as np

from training.confusion import confusion
from training.judgements import Judgements


def count(gold: list[list[int]], answered: list[list[int]]) -> list[list[int]]:
    Y, yes = np.array(gold, dtype=bool), np.array(answered, dtype=bool)
    names = np.array([str(i) for i in range(len(Y))])
    return confusion(Judgements(("a", "b", "boilerplate"), names, names, Y, yes * 1.0, yes, yes & False)).tolist()


def test_right_answers_stand_on_the_diagonal() -> None:
    rows = [[1, 0, 0], [1, 1, 0], [0, 0, 1]]

    assert count(rows, rows) == [[2, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_a_wrong_answer_stands_in_the_row_of_what_was_meant() -> None:
    assert count([[1, 0, 0], [0, 0, 0]], [[0, 1, 0], [0, 1, 0]]) == [[0, 1, 0], [0, 0, 0], [0, 1, 0]]


def test_silence_stands_in_the_last_column() -> None:
    assert count([[1, 0, 0]], [[0, 0, 0]]) == [[0, 0, 1], [0, 0, 0], [0, 0, 0]]
