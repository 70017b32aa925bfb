"""Every refusal helps the person and tells the client apart."""

import inspect
import re

from backend.identity import errors
from backend.identity.errors import BEIJING, IdentityError, Locked

REFUSALS = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, IdentityError) and "code" in vars(found)
]


def test_codes_are_dotted_and_each_belongs_to_one_refusal() -> None:
    codes = [refusal.code for refusal in REFUSALS]
    assert len(codes) == len(set(codes)) > 25
    assert all(re.fullmatch(r"identity\.[a-z_]+", code) for code in codes)


def test_every_refusal_has_a_title_and_a_chinese_sentence_to_act_on() -> None:
    for refusal in REFUSALS:
        assert refusal.title != IdentityError.title
        assert re.search(r"[一-鿿]", refusal.detail)
        assert refusal.detail.endswith("。")


def test_a_lock_says_until_when_in_the_time_of_beijing() -> None:
    short, long = Locked(60), Locked(3 * 86400)
    assert short.until.tzinfo is BEIJING
    assert re.search(r"\d\d:\d\d", short.detail)
    assert "月" in long.detail
    assert long.context()["until"].endswith("+08:00")
    assert long.context()["retry_after"] == 3 * 86400
