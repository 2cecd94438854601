from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from classifier.reference import Scored

PAGE_SIZE: int
FOLD_BYTES: int

class Kernel:
    def __init__(
        self,
        *,
        fold_page: Callable[[int], bytes],
        words: bytes,
        n_words: int,
        classes: tuple[tuple[int, int, bytes], ...],
        n_coarse: int,
        coef: NDArray[Any],
        idf: NDArray[Any],
        intercept: NDArray[Any],
        class_rows: NDArray[Any],
        lengths: NDArray[Any],
    ) -> None: ...
    def logits(self, texts: Sequence[str], out: NDArray[Any], /) -> None: ...
    def logits_utf8(self, buffer: bytes, offsets: NDArray[Any], out: NDArray[Any], /) -> None: ...
    def articles(
        self,
        fields: Sequence[str],
        max_words: int,
        themes: tuple[str, ...],
        cuts: NDArray[Any],
        context: tuple[float, ...],
        paragraphs: bool,
        /,
    ) -> list[Scored]: ...
    def walk(self, text: str, /) -> tuple[list[tuple[str, int, int]], list[tuple[int, int, int]]]: ...
    def count(self, texts: Sequence[str], /) -> tuple[list[str], bytes, bytes, bytes, bytes]: ...

def weigh(
    starts: NDArray[Any],
    columns: NDArray[Any],
    counts: NDArray[Any],
    column_of: NDArray[Any],
    tf: NDArray[Any],
    idf: NDArray[Any],
    out_starts: NDArray[Any],
    out_columns: NDArray[Any],
    out: NDArray[Any],
    /,
) -> None: ...
