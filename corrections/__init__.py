"""What people say of the model's answers: one store, which the service writes and training reads for review."""

from typing import TYPE_CHECKING

from classifier.extras import needed

if TYPE_CHECKING:
    from corrections.store import Store


def open_store(url: str) -> "Store":
    """Return the store at `url`, ``sqlite:///file`` or ``postgresql://…``; nothing is connected yet.

    Raises
    ------
    SettingError
        If `url` names no such store.
    ExtraMissingError
        If the extra ``feedback`` is not installed.
    """
    needed("sqlalchemy", "feedback")
    from corrections.store import Store

    return Store(url)
