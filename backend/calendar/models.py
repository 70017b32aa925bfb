"""Tables of the calendar package."""

from tortoise import fields

from backend.store.table import Table


class CalendarOverride(Table):
    """A day that is, or is not, a working day whatever the published calendar says.

    ``source`` names the announcement (国办发明电〔2026〕…号).
    """

    date = fields.DateField(primary_key=True)
    is_workday = fields.BooleanField()
    source = fields.CharField(max_length=200)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "calendar_override"
