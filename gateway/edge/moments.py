"""Times in answers: RFC 3339 with the offset of Beijing, to the second."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator

from backend.identity.errors import BEIJING


def in_beijing(moment: datetime) -> datetime:
    """The same moment as people in China read it, without its fraction of a second."""
    return moment.astimezone(BEIJING).replace(microsecond=0)


Moment = Annotated[datetime, AfterValidator(in_beijing)]
