"""Assurance levels (可信等级), DOMAIN §5.1: how sure we are of who holds the phone."""

from enum import IntEnum


class Level(IntEnum):
    """Higher includes lower; a service item or licence type names the level that it needs."""

    WECHAT = 0
    PHONE = 1
    SELF_DECLARED = 2
    REAL_NAME = 3
    FACE = 4
    CERTIFICATE = 5
