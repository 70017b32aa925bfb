"""What must not leave for a model: numbers, names, addresses of persons and enterprises.

Whatever looks like a number of somebody or something is masked, whether it is valid or not: a
typing mistake makes an identity number no less personal. Public numbers (12345, 110) are too short.
"""

import re
import unicodedata
from collections.abc import Iterable

_GAP = r"[\s\-‐-―_.·]*"
# Six and more digits, with whatever people write between them; letters may belong to it, as in a
# USCC, a passport or a permit.
_NUMBER = re.compile(rf"[A-Za-z]{{0,3}}[0-9](?:{_GAP}[0-9]){{5,}}(?:{_GAP}[0-9A-Za-z])*")
_MIXED = re.compile(r"(?<![0-9A-Za-z])(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[0-9A-Za-z]{7,}")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z][0-9A-Za-z·]{5,7}"
)
_CHINESE_DIGITS = re.compile(r"[〇零一二三四五六七八九幺两]{7,}")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# “我叫张三”, “姓名：张三”, “我是张三，”: a name that somebody gives.
_NAMED = re.compile(
    r"((?:我|他|她|孩子|本人)?(?:名字)?(?:叫|姓名)(?:做|是)?[:：\s]*)([\u4e00-\u9fff·]{2,4})"
)
_ADDRESS = re.compile(
    r"[\u4e00-\u9fff0-9A-Za-z]{1,12}(?:路|街|巷|村|小区|花园|大道)[\u4e00-\u9fff0-9A-Za-z]{0,6}?[0-9]+"
    r"(?:号|栋|座|幢|单元|室|房|楼|-)[0-9A-Za-z号栋座幢单元室房楼-]*"
)  # fmt: skip


def masked(text: str, names: Iterable[str] = ()) -> str:
    """A text as it may leave.

    Args:
        names: known of whoever asks and of whom they act for, in full.
    """
    said = unicodedata.normalize("NFKC", text)
    said = re.sub("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", "", said)
    for name in sorted(filter(None, names), key=len, reverse=True):
        spread = r"\s*".join(map(re.escape, unicodedata.normalize("NFKC", name)))
        said = re.sub(spread, "[姓名]", said)
    for pattern, instead in (
        (_MAIL, "[邮箱]"), (_PLATE, "[车牌]"), (_ADDRESS, "[地址]"), (_NUMBER, "[号码]"),
        (_MIXED, "[号码]"), (_CHINESE_DIGITS, "[号码]"),
    ):  # fmt: skip
        said = pattern.sub(instead, said)
    return _NAMED.sub(r"\1[姓名]", said)
