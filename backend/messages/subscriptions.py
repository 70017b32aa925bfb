"""订阅消息: what a WeChat account has agreed to receive, counted.

One consent of a one-time template is one message, without a time limit; of a long-term one, every
message to come. No interface of WeChat's tells how many are left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tortoise.expressions import F
from tortoise.transactions import in_transaction

from backend.messages.errors import TemplateUnknown, TooManyTemplates
from backend.messages.models import SubscribeQuota, quota_context
from backend.messages.templates import MOST_AT_ONCE, Template
from backend.store.ids import uuid7
from backend.store.keyring import BlindIndex, KeyRing

# More consents than this are not worth counting: a person who taps for hours is no reason to grow.
MOST_KEPT = 100


@dataclass(frozen=True, slots=True)
class Offer:
    """A template as the mini-program asks for it.

    Attributes:
        remaining: messages that may still be sent; for a long-term one 1 or 0.
    """

    template: Template
    remaining: int


class Subscriptions:
    """Counts consents up and messages down."""

    def __init__(
        self, keyring: KeyRing, index: BlindIndex, templates: Mapping[str, Template]
    ) -> None:
        self._keyring, self._index, self._templates = keyring, index, templates

    def template(self, topic: str) -> Template | None:
        """The template of a topic, where it has one."""
        return self._templates.get(topic)

    async def offers(self, openid: str | None) -> list[Offer]:
        """Every template, with what is left of it for this WeChat account."""
        left: dict[str, int] = {}
        if openid is not None:
            rows = SubscribeQuota.filter(openid_index=self._index.of("openid", openid))
            left = dict(await rows.values_list("template_id", "remaining"))
        return [Offer(each, left.get(each.template_id, 0)) for each in self._templates.values()]

    async def accepted(self, openid: str, template_ids: Sequence[str]) -> None:
        """The person tapped 允许 for these templates, each once.

        Raises:
            TemplateUnknown: one is none of ours.
            TooManyTemplates: WeChat asks for five at once at most, each once.
        """
        if len(template_ids) > MOST_AT_ONCE or len(set(template_ids)) < len(template_ids):
            raise TooManyTemplates
        known = {each.template_id: each for each in self._templates.values()}
        if not set(template_ids) <= known.keys():
            raise TemplateUnknown
        async with in_transaction():
            for template_id in sorted(template_ids):
                await self._count(openid, known[template_id])

    async def _count(self, openid: str, template: Template) -> None:
        row_id, index = uuid7(), self._index.of("openid", openid)
        first = SubscribeQuota(
            id=row_id, openid_index=index, template_id=template.template_id, remaining=0,
            openid=self._keyring.seal_text(openid, quota_context(index)),
            updated_at=datetime.now(UTC),
        )  # fmt: skip
        await SubscribeQuota.bulk_create([first], ignore_conflicts=True)
        mine = SubscribeQuota.filter(openid_index=index, template_id=template.template_id)
        if template.long_term:
            await mine.update(remaining=1)
        else:
            await mine.filter(remaining__lt=MOST_KEPT).update(remaining=F("remaining") + 1)

    async def take(self, openid_index: str, template: Template) -> str | None:
        """Use one consent up; the openid to send to, or None when none is left."""
        mine = SubscribeQuota.filter(openid_index=openid_index, template_id=template.template_id)
        if not template.long_term:
            left = mine.filter(remaining__gt=0)
            if not await left.update(remaining=F("remaining") - 1):
                return None
        row = await mine.first()
        if row is None or (template.long_term and row.remaining < 1):
            return None
        return self._keyring.open_text(row.openid, quota_context(openid_index))

    async def give_back(self, openid_index: str, template: Template) -> None:
        """A message was surely not sent: its consent is still good."""
        if not template.long_term:
            await SubscribeQuota.filter(
                openid_index=openid_index, template_id=template.template_id
            ).update(remaining=F("remaining") + 1)

    async def refused(self, openid_index: str, template: Template) -> None:
        """WeChat says that nothing is left (43101): it knows better."""
        await SubscribeQuota.filter(
            openid_index=openid_index, template_id=template.template_id
        ).update(remaining=0)
