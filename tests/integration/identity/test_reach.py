"""Where somebody can be pushed to: where they log in now, and nowhere with a closed account."""

from uuid import UUID

from backend.identity.models import Person as Account
from backend.identity.service import Reach
from tests.identity_world import LI, World


async def test_a_person_is_reached_at_their_phone_and_their_wechat_account(here: World) -> None:
    by_phone = await here.login(LI)
    phone = await here.identity.reach(UUID(by_phone.person.id))
    assert phone == Reach(None, f"+86{LI.phone}")
    assert await here.identity.wechat_account(await here.session(by_phone)) is None
    by_wechat = await here.wechat_login("openid-1")
    wechat = await here.identity.reach(UUID(by_wechat.person.id))
    assert wechat == Reach(here.index.of("openid", "openid-1"), None)
    assert await here.identity.wechat_account(await here.session(by_wechat)) == "openid-1"


async def test_a_closed_account_is_reached_nowhere(here: World) -> None:
    tokens = await here.login(LI)
    await Account.filter(id=tokens.person.id).update(status="closed", closed_reason="merged")
    assert await here.identity.reach(UUID(tokens.person.id)) == Reach(None, None)
