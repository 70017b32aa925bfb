"""What a table of ours keeps of Tortoise's conditions."""

import pytest
from tortoise import fields

from backend.store.table import Table


class Diary(Table):
    """Columns are called like conditions that are left out."""

    id = fields.IntField(primary_key=True)
    day = fields.DateField()
    second = fields.IntField()
    title = fields.CharField(max_length=8)

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


@pytest.mark.parametrize("condition", ["title", "title__not", "title__gt", "title__in"])
def test_what_is_longer_than_a_column_is_asked_for_all_the_same(condition: str) -> None:
    long = "x" * 100
    given = [long] if condition == "title__in" else long
    encode = Diary._meta._filters[condition]["value_encoder"]
    assert encode(given, Diary, Diary._meta.fields_map["title"]) == given


def test_other_columns_keep_their_own_way_to_be_asked() -> None:
    assert "value_encoder" not in Diary._meta._filters["second"]
