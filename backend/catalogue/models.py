"""Tables of the catalogue."""

from typing import Any

from tortoise import fields

from backend.store.table import Table


class ServiceItem(Table):
    """A published service item (事项).

    What a list shows and filters by has columns of its own; ``elements`` is everything, for the
    guide page; ``words`` is what search needs, cut into words when the item was registered.
    """

    task_code = fields.CharField(max_length=36, primary_key=True)
    system_code = fields.CharField(max_length=64, db_index=True)
    task_name = fields.CharField(max_length=200)
    plain_name = fields.CharField(max_length=200)
    department_code = fields.CharField(max_length=64)
    department_name = fields.CharField(max_length=100)
    department_short_name = fields.CharField(max_length=100)
    citizen = fields.BooleanField()
    enterprise = fields.BooleanField()
    online = fields.BooleanField()
    hot = fields.BooleanField()
    fee = fields.BooleanField()
    visits = fields.SmallIntField()
    min_level = fields.SmallIntField()
    promise = fields.CharField(max_length=40)
    themes: fields.Field[list[str]] = fields.JSONField()
    regions: fields.Field[list[str]] = fields.JSONField()
    keywords: fields.Field[list[str]] = fields.JSONField()
    words: fields.Field[dict[str, list[str]]] = fields.JSONField()
    elements: fields.Field[dict[str, Any]] = fields.JSONField()

    class Meta:
        table = "service_item"


class CatalogueGeneration(Table):
    """One row: a number that grows with every change, so that workers know when to read again."""

    id = fields.SmallIntField(primary_key=True)
    generation = fields.BigIntField()

    class Meta:
        table = "catalogue_generation"
