"""The base of every table."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tortoise.fields import CharField
from tortoise.filters import list_encoder
from tortoise.models import Model, ModelMeta

# Conditions that no query of ours uses: half of what Tortoise keeps for every column, and 5 MB of
# each process.
_NEVER_ASKED = (
    "__year", "__quarter", "__month", "__week", "__day", "__hour", "__minute", "__second",
    "__microsecond", "__search", "__posix_regex", "__iposix_regex", "__iexact", "__icontains",
    "__istartswith", "__iendswith",
)  # fmt: skip


def _as_it_is(value: Any, *_: Any) -> Any:
    """What a text column is compared with: not held against the length of what it can keep.

    Whoever asks for a longer one finds nothing, as with any other that is not there; Tortoise would
    refuse the question by an error of its own.
    """
    return value if value is None or isinstance(value, str) else str(value)


def _each_as_it_is(values: Any, *_: Any) -> list[Any]:
    return [_as_it_is(value) for value in values]


class _Spare(ModelMeta):
    """Leaves out of a model what Tortoise would give it and we have no use for.

    ``#:`` comments: it reads and parses the source of every model for them, which took half a
    second of each start of a worker. And conditions: who asks with one is told that it is unknown.
    Those that are kept are the same objects wherever columns have the same name.
    """

    _shared: ClassVar[dict[tuple[Any, ...], Any]] = {}

    def __new__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> Any:
        model: Any = super().__new__(cls, name, bases, {**attrs, "_no_comments": True})
        model._meta._filters = {
            sys.intern(condition): cls._shared.setdefault((condition, *how.values()), how)
            for condition, how in (
                (condition, _asked(model._meta.fields_map, how))
                for condition, how in model._meta._filters.items()
                if not condition.endswith(_NEVER_ASKED)
            )
        }
        return model


def _asked(fields: Mapping[str, Any], how: dict[str, Any]) -> dict[str, Any]:
    """A condition on a plain text column takes texts of every length."""
    if type(fields.get(how.get("field", ""))) is not CharField:
        return how
    encoder = how.get("value_encoder")
    if encoder is None:
        return {**how, "value_encoder": _as_it_is}
    return {**how, "value_encoder": _each_as_it_is} if encoder is list_encoder else how


class Table(Model, metaclass=_Spare):
    """A model of Tortoise; every table is one of these."""

    class Meta:
        abstract = True


@dataclass(frozen=True, slots=True)
class Sealed:
    """The columns of a table that are sealed, and what each value is bound to.

    A package lists its own in ``SEALED``, beside its models: what is not listed there keeps an old
    key in the ring for ever (``backend.store.resealing``).

    Attributes:
        columns: name of a column → how ``context`` calls it.
        context: by which the package itself seals and opens; takes the values of ``by``, and the
            name.
    """

    model: type[Table]
    columns: Mapping[str, str]
    context: Callable[..., str]
    by: tuple[str, ...] = ("id",)
