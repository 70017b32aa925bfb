"""Errors of calls to WeChat.

WeChatError
├── WeChatUnreachable   no usable answer in time
│   └── WeChatUnsure    … after the request had been sent: it may have been carried out
└── WeChatRefused       an ``errcode`` other than 0
"""


class WeChatError(Exception):
    """A call to WeChat brought nothing that can be used."""


class WeChatUnreachable(WeChatError):
    """No answer in time, or one that is not JSON."""


class WeChatUnsure(WeChatUnreachable):
    """No answer to a request that was sent: WeChat may have carried it out."""


class WeChatRefused(WeChatError):
    """WeChat answered with an error.

    Attributes:
        errcode: WeChat's number; its ``errmsg`` is not kept, it may repeat what was sent.
    """

    def __init__(self, errcode: int) -> None:
        self.errcode = errcode
        super().__init__(str(errcode))
