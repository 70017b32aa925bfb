"""What a table of ours keeps of Tortoise's conditions."""

from tortoise import fields

from backend.store.table import Table


class Diary(Table):
    """Columns are called like conditions that are left out."""

    id = fields.IntField(primary_key=True)
    day = fields.DateField()
    second = fields.IntField()

    class Meta:
        app = "diary"


def test_a_column_keeps_the_conditions_that_queries_use() -> None:
    kept = set(Diary._meta._filters)
    assert {"day", "day__in", "day__isnull", "day__lt", "day__gte", "day__startswith"} <= kept


def test_those_that_none_uses_are_left_out() -> None:
    kept = set(Diary._meta._filters)
    assert not kept & {"day__year", "day__microsecond", "day__icontains", "pk__iexact"}


def test_a_column_may_be_called_like_a_condition() -> None:
    assert {"day", "second", "second__in"} <= set(Diary._meta._filters)
