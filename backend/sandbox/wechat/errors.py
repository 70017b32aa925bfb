"""WeChat's error codes, as far as the platform meets them."""

from enum import Enum


class Code(Enum):
    """``errcode`` and ``errmsg``; the answer's HTTP status is 200 even so."""

    BUSY = (-1, "system error")
    INVALID_CREDENTIAL = (40001, "invalid credential, access_token is invalid or not latest")
    INVALID_GRANT_TYPE = (40002, "invalid grant_type")
    INVALID_OPENID = (40003, "invalid openid")
    INVALID_APPID = (40013, "invalid appid")
    INVALID_CODE = (40029, "invalid code")
    INVALID_TEMPLATE = (40037, "invalid template_id")
    INVALID_ARGUMENTS = (40097, "invalid args")
    INVALID_SECRET = (40125, "invalid appsecret")
    CODE_USED = (40163, "code been used")
    USER_BLOCKED = (40226, "code blocked")
    TOKEN_MISSING = (41001, "access_token missing")
    APPID_MISSING = (41002, "appid missing")
    SECRET_MISSING = (41004, "appsecret missing")
    CODE_MISSING = (41008, "missing code")
    TOKEN_EXPIRED = (42001, "access_token expired")
    GET_REQUIRED = (43001, "require GET method")
    POST_REQUIRED = (43002, "require POST method")
    REFUSED_BY_USER = (43101, "user refuse to accept the msg")
    EMPTY_BODY = (44002, "empty post data")
    TOO_OFTEN = (45011, "api minute-quota reach limit, must slower, retry next minute")
    BAD_JSON = (47001, "data format error")
    BAD_ARGUMENT = (47003, "argument invalid!")


class WechatError(Exception):
    """A call ends with one of WeChat's errors."""

    def __init__(self, code: Code) -> None:
        self.errcode, self.errmsg = code.value
        super().__init__(f"{self.errcode} {self.errmsg}")
