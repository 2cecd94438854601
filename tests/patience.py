"""Waiting and timing that a busy machine does not upset."""

import time
from collections.abc import Callable


def until(happened: Callable[[], object], seconds: float = 20) -> bool:
    """Wait until something has happened elsewhere; False where it does not."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def kept(seconds: float, measure: Callable[[], float]) -> bool:
    """Whether `measure` is below `seconds` once in three times.

    What is held up is so each time; on a busy machine anything may be now and then.
    """
    return any(measure() < seconds for _ in range(3))
