"""What WeChat refuses, in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

from backend.identity.errors import (
    IdentityError,
    WeChatBlocked,
    WeChatCodeSpent,
    WeChatTooMany,
    WeChatUnavailable,
)
from backend.upstream.wechat import WeChatError, WeChatRefused

WAIT_S = 60
# 开放文档: code2Session and getPhoneNumber. 40029 wrong, 40163 used; 45011 too often; 40226 risky.
_SPENT, _TOO_OFTEN, _RISKY = (40029, 40163), 45011, 40226


@contextmanager
def translated() -> Iterator[None]:
    """Turn WeChat's refusals into those of this package.

    Raises:
        WeChatCodeSpent, WeChatTooMany, WeChatBlocked, WeChatUnavailable
    """
    try:
        yield
    except WeChatRefused as refused:
        raise _refusal(refused.errcode) from None
    except WeChatError:
        raise WeChatUnavailable from None


def _refusal(errcode: int) -> IdentityError:
    if errcode in _SPENT:
        return WeChatCodeSpent()
    if errcode == _TOO_OFTEN:
        return WeChatTooMany(WAIT_S)
    if errcode == _RISKY:
        return WeChatBlocked()
    return WeChatUnavailable()
