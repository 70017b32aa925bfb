"""The base of every table."""

from typing import Any

from tortoise.models import Model, ModelMeta


class _Quiet(ModelMeta):
    """Does not look for ``#:`` comments, of which we have none.

    Tortoise reads and parses the source of every model for them, which took half a second of each
    start of a worker.
    """

    def __new__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> type:
        return super().__new__(cls, name, bases, {**attrs, "_no_comments": True})


class Table(Model, metaclass=_Quiet):
    """A model of Tortoise; every table is one of these."""

    class Meta:
        abstract = True
