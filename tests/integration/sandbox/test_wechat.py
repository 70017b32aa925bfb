"""The WeChat server answers as api.weixin.qq.com does, its errors too."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from backend.sandbox.wechat.control import create_app
from backend.sandbox.wechat.faces import cert_hash
from backend.sandbox.wechat.server import WechatServer, WechatState
from tests.sandbox_world import serving

APP, SECRET = "wx0000000000000000", "secret-of-the-app"
CERT = {"cert_type": "IDENTITY_CARD", "cert_name": "王伟", "cert_no": "440106198402280116"}


@dataclass
class Clock:
    """A clock that the test moves, in seconds."""

    time: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


@dataclass
class Wechat:
    """The server and how it is called."""

    url: str
    session: aiohttp.ClientSession
    clock: Clock = field(default_factory=Clock)

    async def get(self, path: str, **query: str) -> Any:
        """GET; WeChat's errors come with status 200."""
        async with self.session.get(self.url + path, params=query) as answer:
            assert answer.status == 200
            return await answer.json()

    async def post(self, path: str, body: Any, token: str | None = None) -> Any:
        """POST JSON with an access token, a new one by default."""
        query = {"access_token": await self.token() if token is None else token}
        async with self.session.post(self.url + path, params=query, json=body) as answer:
            assert answer.status == 200
            return await answer.json()

    async def order(self, method: str, path: str, order: Any = None) -> Any:
        """Call the control interface."""
        url = f"{self.url}/_control/{path}"
        async with self.session.request(method, url, json=order) as answer:
            assert answer.status in (200, 201), await answer.text()
            return await answer.json()

    async def token(self) -> str:
        """A new access token."""
        answer = await self.get(
            "/cgi-bin/token", grant_type="client_credential", appid=APP, secret=SECRET
        )
        token: str = answer["access_token"]
        return token

    async def log_in(self, code: str, **change: str) -> Any:
        """code2Session."""
        query = {"appid": APP, "secret": SECRET, "grant_type": "authorization_code"}
        return await self.get("/sns/jscode2session", **{**query, "js_code": code, **change})

    async def login_code(self, openid: str = "openid-1", **more: Any) -> str:
        """What ``wx.login`` would give."""
        answer = await self.order("POST", "login-code", {"openid": openid, **more})
        code: str = answer["code"]
        return code


@pytest.fixture
async def wechat() -> AsyncIterator[Wechat]:
    """A WeChat server of the test's own."""
    clock = Clock()
    app = create_app(WechatServer(WechatState(APP, SECRET, clock)))
    async with serving(app) as url, aiohttp.ClientSession() as session:
        yield Wechat(url, session, clock)


async def test_a_login_code_becomes_a_session_once(wechat: Wechat) -> None:
    code = await wechat.login_code(unionid="union-1")
    session = await wechat.log_in(code)
    assert (session["openid"], session["unionid"]) == ("openid-1", "union-1")
    assert len(session["session_key"]) == 24
    assert "errcode" not in session
    assert (await wechat.log_in(code))["errcode"] == 40163


async def test_unknown_and_expired_codes_are_invalid(wechat: Wechat) -> None:
    assert (await wechat.log_in("made-up"))["errcode"] == 40029
    code = await wechat.login_code()
    wechat.clock.time += 301
    assert (await wechat.log_in(code))["errcode"] == 40029
    assert (await wechat.log_in(await wechat.login_code(expires_in=0)))["errcode"] == 40029


async def test_a_user_may_log_in_a_hundred_times_a_minute(wechat: Wechat) -> None:
    await wechat.order("PUT", "limits", {"logins_per_minute": 2})
    answers = [await wechat.log_in(await wechat.login_code()) for _ in range(3)]
    assert [answer.get("errcode", 0) for answer in answers] == [0, 0, 45011]
    other = await wechat.log_in(await wechat.login_code("openid-2"))
    assert "errcode" not in other
    wechat.clock.time += 60
    assert "errcode" not in await wechat.log_in(await wechat.login_code())


async def test_a_blocked_user_is_refused(wechat: Wechat) -> None:
    await wechat.order("POST", "users", {"openid": "openid-1", "blocked": True})
    assert (await wechat.log_in(await wechat.login_code()))["errcode"] == 40226
    await wechat.order("POST", "users", {"openid": "openid-1", "blocked": False})
    assert "errcode" not in await wechat.log_in(await wechat.login_code())


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"appid": ""}, 41002),
        ({"appid": "wx1"}, 40013),
        ({"secret": ""}, 41004),
        ({"secret": "guess"}, 40125),
        ({"grant_type": "password"}, 40002),
        ({"js_code": ""}, 41008),
    ],
)
async def test_a_wrong_parameter_of_the_login_has_its_code(
    wechat: Wechat, change: dict[str, str], errcode: int
) -> None:
    answer = await wechat.log_in(await wechat.login_code(), **change)
    assert answer["errcode"] == errcode
    assert answer["errmsg"]


async def test_the_wrong_method_has_its_code(wechat: Wechat) -> None:
    async with wechat.session.post(f"{wechat.url}/sns/jscode2session") as answer:
        assert (await answer.json())["errcode"] == 43001
    assert (await wechat.get("/wxa/business/getuserphonenumber"))["errcode"] == 43002


async def test_a_new_token_leaves_the_former_one_five_minutes(wechat: Wechat) -> None:
    first, second = await wechat.token(), await wechat.token()
    assert first != second

    async def accepted(token: str) -> int:
        answer = await wechat.post("/cityservice/face/identify/getinfo", {"x": 1}, token)
        errcode: int = answer["errcode"]
        return errcode

    in_use = 40097
    assert [await accepted(token) for token in (first, second)] == [in_use, in_use]
    wechat.clock.time += 301
    assert [await accepted(token) for token in (first, second)] == [40001, in_use]
    third = await wechat.token()
    assert [await accepted(token) for token in (first, second, third)] == [40001, in_use, in_use]


async def test_tokens_that_are_missing_unknown_or_expired_have_their_codes(
    wechat: Wechat,
) -> None:
    path = "/wxa/business/getuserphonenumber"
    assert (await wechat.post(path, {"code": "x"}, ""))["errcode"] == 41001
    assert (await wechat.post(path, {"code": "x"}, "made-up"))["errcode"] == 40001
    token = await wechat.token()
    wechat.clock.time += 7200
    assert (await wechat.post(path, {"code": "x"}, token))["errcode"] == 42001
    for end, errcode in (("expired", 42001), ("invalid", 40001)):
        token = await wechat.token()
        await wechat.order("POST", "tokens", {"end": end})
        assert (await wechat.post(path, {"code": "x"}, token))["errcode"] == errcode


async def test_the_stable_token_stays_until_it_is_forced_or_old(wechat: Wechat) -> None:
    async def stable(**more: Any) -> Any:
        order = {"grant_type": "client_credential", "appid": APP, "secret": SECRET, **more}
        return await wechat.post("/cgi-bin/stable_token", order, "")

    first = await stable()
    assert first["expires_in"] == 7200
    wechat.clock.time += 1000
    again = await stable()
    assert (again["access_token"], again["expires_in"]) == (first["access_token"], 6200)
    forced = await stable(force_refresh=True)
    assert forced["access_token"] != first["access_token"]
    wechat.clock.time += 7000
    assert (await stable())["access_token"] != forced["access_token"]
    assert (await stable(secret="guess"))["errcode"] == 40125
    assert (await stable(grant_type="x"))["errcode"] == 40002


async def test_a_phone_code_gives_the_number_once(wechat: Wechat) -> None:
    order = {"phone": "13800138000", "openid": "openid-1"}
    code = (await wechat.order("POST", "phone-code", order))["code"]
    path = "/wxa/business/getuserphonenumber"
    answer = await wechat.post(path, {"code": code})
    assert answer["errcode"] == 0
    info = answer["phone_info"]
    assert (info["purePhoneNumber"], info["countryCode"]) == ("13800138000", "86")
    assert info["phoneNumber"] == "13800138000"
    assert info["watermark"]["appid"] == APP
    assert (await wechat.post(path, {"code": code}))["errcode"] == 40163
    assert (await wechat.post(path, {"code": "made-up"}))["errcode"] == 40029
    code = (await wechat.order("POST", "phone-code", order))["code"]
    wrong = await wechat.post(path, {"code": code, "openid": "openid-2"})
    assert wrong["errcode"] == 40029


async def test_a_hong_kong_number_comes_with_its_country_code(wechat: Wechat) -> None:
    order = {"phone": "85298765", "country_code": "852"}
    code = (await wechat.order("POST", "phone-code", order))["code"]
    info = (await wechat.post("/wxa/business/getuserphonenumber", {"code": code}))["phone_info"]
    assert info["purePhoneNumber"] == "85298765"
    assert info["countryCode"] == "852"
    assert info["phoneNumber"].startswith("+852")


def test_cert_hash_is_the_one_of_the_documentation() -> None:
    """The example of queryVerifyInfo in WeChat's documentation."""
    assert cert_hash("IDENTITY_CARD", "张三", "310101199801011234") == (
        "3c241f7ff324977aeb91f173bb2a7b06569e6fd784d5573db34a636d8671108b"
    )


FACE = "/cityservice/face/identify"


async def _open(wechat: Wechat, **change: Any) -> Any:
    order = {"out_seq_no": "seq-1", "cert_info": CERT, "openid": "openid-1", **change}
    return await wechat.post(f"{FACE}/getverifyid", order)


async def _query(wechat: Wechat, verify_id: str, **change: str) -> Any:
    order = {
        "verify_id": verify_id,
        "out_seq_no": "seq-1",
        "cert_hash": cert_hash(*CERT.values()),
        "openid": "openid-1",
    }
    return await wechat.post(f"{FACE}/queryverifyinfo", {**order, **change})


async def test_a_face_that_was_shown_passes_for_exactly_these_facts(wechat: Wechat) -> None:
    opened = await _open(wechat)
    assert opened["expires_in"] == 3600
    verify_id = opened["verify_id"]
    assert (await _query(wechat, verify_id))["verify_ret"] != 10000
    await wechat.order("POST", "verify", {"verify_id": verify_id})
    assert (await _query(wechat, verify_id))["verify_ret"] == 10000
    for change in ({"cert_hash": "0" * 64}, {"out_seq_no": "other"}, {"openid": "openid-2"}):
        answer = await _query(wechat, verify_id, **change)
        assert answer["errcode"] != 0
        assert "verify_ret" not in answer


async def test_a_face_may_fail_and_a_session_ends(wechat: Wechat) -> None:
    verify_id = (await _open(wechat))["verify_id"]
    await wechat.order("POST", "verify", {"verify_id": verify_id, "verify_ret": 90004})
    assert (await _query(wechat, verify_id))["verify_ret"] == 90004
    await wechat.order("PUT", "verify", {"verify_ret": 10000})
    assert (await _query(wechat, (await _open(wechat))["verify_id"]))["verify_ret"] == 10000
    wechat.clock.time += 3601
    assert (await _query(wechat, verify_id))["errcode"] == 40097
    assert (await _query(wechat, "made-up"))["errcode"] == 40097


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"openid": ""}, 40003),
        ({"out_seq_no": ""}, 40097),
        ({"cert_info": None}, 40097),
        ({"cert_info": {**CERT, "cert_no": ""}}, 40097),
        ({"cert_info": {**CERT, "cert_type": "PASSPORT"}}, 40097),
    ],
)
async def test_a_verification_without_its_facts_is_not_opened(
    wechat: Wechat, change: dict[str, Any], errcode: int
) -> None:
    assert (await _open(wechat, **change))["errcode"] == errcode


async def test_the_classic_flow_gives_its_result_to_the_server(wechat: Wechat) -> None:
    key = await wechat.post(
        f"{FACE}/getuseridkey", {"name": "王伟", "id_card_number": "440106198402280116"}
    )
    assert key["user_id_key"]
    order = {"openid": "openid-1", "name": "王伟", "id_number": "440106198402280116"}
    for passed, identify_ret in ((True, 0), (False, 10003)):
        minted = await wechat.order("POST", "verify-result", {**order, "passed": passed})
        answer = await wechat.post(f"{FACE}/getinfo", minted)
        assert (answer["errcode"], answer["identify_ret"]) == (0, identify_ret)
        assert answer["openid"] == "openid-1"
        name = hashlib.md5("王伟".encode(), usedforsecurity=False).hexdigest()
        assert answer["name_utf8_md5"] == name
        assert answer["identify_time"] == int(wechat.clock.time)
    made_up = await wechat.post(f"{FACE}/getinfo", {"verify_result": "made-up"})
    assert made_up["errcode"] == 40097
    assert (await wechat.post(f"{FACE}/getuseridkey", {"name": "王伟"}))["errcode"] == 40097


SEND = "/cgi-bin/message/subscribe/send"
MESSAGE = {"touser": "openid-1", "template_id": "T1", "data": {"thing1": {"value": "证照到期"}}}


async def test_one_acceptance_is_one_message(wechat: Wechat) -> None:
    assert (await wechat.post(SEND, MESSAGE))["errcode"] == 43101
    await wechat.order("POST", "subscriptions", {"openid": "openid-1", "template_id": "T1"})
    assert (await wechat.post(SEND, MESSAGE))["errcode"] == 0
    assert (await wechat.post(SEND, MESSAGE))["errcode"] == 43101
    sent = await wechat.order("GET", "messages")
    assert sent["items"] == [MESSAGE]
    await wechat.order("DELETE", "messages")
    assert (await wechat.order("GET", "state"))["messages"] == 0


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"touser": ""}, 40003),
        ({"template_id": "T2"}, 40037),
        ({"template_id": ""}, 40037),
        ({"data": {}}, 47003),
        ({"data": {"thing1": "text"}}, 47003),
    ],
)
async def test_a_message_that_cannot_be_sent_has_its_code(
    wechat: Wechat, change: dict[str, Any], errcode: int
) -> None:
    await wechat.order("PUT", "templates", {"template_ids": ["T1"]})
    assert (await wechat.post(SEND, {**MESSAGE, **change}))["errcode"] == errcode


@pytest.mark.parametrize(("body", "errcode"), [(b"", 44002), (b"{", 47001), (b"[]", 47001)])
async def test_a_body_that_is_no_json_has_its_code(
    wechat: Wechat, body: bytes, errcode: int
) -> None:
    url = f"{wechat.url}{SEND}?access_token={await wechat.token()}"
    async with wechat.session.post(url, data=body) as answer:
        assert (await answer.json())["errcode"] == errcode


async def test_busy_is_minus_one(wechat: Wechat) -> None:
    order = {"kind": "busy", "operation": "/sns/jscode2session", "calls": 1}
    await wechat.order("POST", "faults", order)
    code = await wechat.login_code()
    assert (await wechat.log_in(code))["errcode"] == -1
    assert (await wechat.log_in(code))["openid"] == "openid-1"


async def test_wechat_can_be_down_cut_off_or_hang(wechat: Wechat) -> None:
    url = f"{wechat.url}/sns/jscode2session"
    await wechat.order("POST", "faults", {"kind": "status", "status": 502, "calls": 1})
    async with wechat.session.get(url) as answer:
        assert answer.status == 502
    await wechat.order("POST", "faults", {"kind": "truncate", "calls": 1})
    with pytest.raises(aiohttp.ClientPayloadError):
        async with wechat.session.get(url) as answer:
            await answer.read()
    await wechat.order("POST", "faults", {"kind": "malformed", "calls": 1})
    async with wechat.session.get(url) as answer:
        with pytest.raises(ValueError, match="Unterminated"):
            await answer.json()
    await wechat.order("POST", "faults", {"kind": "hang"})
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(wechat.get("/sns/jscode2session"), 0.1)
    assert await wechat.order("DELETE", "faults") == {"cleared": 4}
    assert (await wechat.order("GET", "calls"))["calls"]["/sns/jscode2session"] == 4


async def test_an_order_that_makes_no_sense_is_a_problem(wechat: Wechat) -> None:
    for path, order, status in (
        ("verify", {"verify_id": "made-up"}, 404),
        ("login-code", {"openid": "with blank"}, 400),
        ("faults", {"kind": "wrong_signature"}, 400),
        ("faults", {"kind": "hang", "operation": "/elsewhere"}, 404),
    ):
        url = f"{wechat.url}/_control/{path}"
        async with wechat.session.post(url, json=order) as answer:
            assert answer.status == status
            assert answer.content_type == "application/problem+json"
