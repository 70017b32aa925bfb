"""Personal data as others may see it: enough to recognise one's own, too little for anyone else."""

import unicodedata

_NAME_STARS = 2
_SHOWN_AHEAD, _SHOWN_BEHIND = 3, 4
# Three in front and four behind of anything shorter would leave hardly a star.
_SHORTEST_SHOWN_AT_BOTH_ENDS = 11


def mask_name(name: str) -> str:
    """``张伟`` → ``张*``, longer names ``张**``: how long they are does not show either.

    The first character stays together with its variation selector or combining marks. A name of
    one character is hidden altogether.
    """
    letters = name.strip()
    if not letters:
        return ""
    first = 1
    while first < len(letters) and _belongs_to_previous(letters[first]):
        first += 1
    rest = sum(not _belongs_to_previous(char) for char in letters[first:])
    if not rest:
        return "*"
    return letters[:first] + "*" * min(rest, _NAME_STARS)


def _belongs_to_previous(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Mc", "Me") or "\ufe00" <= char <= "\ufe0f"


def mask_number(number: str) -> str:
    """``440106200002290032`` → ``440***********0032``; shorter numbers keep less.

    Fits identity numbers, permits, passports and licence numbers: from 11 characters on three in
    front and four behind stay, from 5 on the last two, below that nothing.
    """
    length = len(number)
    if length >= _SHORTEST_SHOWN_AT_BOTH_ENDS:
        stars = length - _SHOWN_AHEAD - _SHOWN_BEHIND
        return number[:_SHOWN_AHEAD] + "*" * stars + number[-_SHOWN_BEHIND:]
    if length > _SHOWN_BEHIND:
        return "*" * (length - 2) + number[-2:]
    return "*" * length


def mask_phone(phone: str) -> str:
    """``+8613800138000`` and ``13800138000`` → ``138****8000``; abroad ``+852 ****5432``."""
    if phone.startswith("+86") and len(phone) == 14:
        phone = phone[3:]
    if phone.startswith("+"):
        return f"{phone[:4]} ****{phone[-4:]}"
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) == 11 else mask_number(phone)
