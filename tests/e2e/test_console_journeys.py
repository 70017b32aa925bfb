"""What the console is for, from end to end: a revision's way with its hands, and a grant's."""

import base64
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from secrets import token_bytes
from zoneinfo import ZoneInfo

import pytest
import yaml
from playwright.sync_api import Locator, expect

from backend.exchange.service import parse_key
from backend.onboarding.service import statement
from backend.upstream.signing import SigningKey
from tests.e2e.console import Console
from tests.provinces import Platform

SYSTEM, ASKER, OWNER = "gd-ziran", "gd-yibao", "gd-gjj"
HERE = f"/console/systems/{SYSTEM}"
BEIJING = ZoneInfo("Asia/Shanghai")
RUN_S, LOOK_AGAIN_MS, PATIENT_MS = 180, 250, 10_000

Login = Callable[[str], Console]


@pytest.fixture
def login(open_console: Callable[[], Console]) -> Login:
    """A desktop with that demo account logged in."""

    def enter(username: str) -> Console:
        made = open_console()
        made.log_in(username)
        return made

    return enter


def state(console: Console) -> Locator:
    """Where the revision that is shown stands."""
    return console.page.locator(".facts div", has_text="状态").first


def until_the_kit_is_done(console: Console) -> None:
    """The page does not change by itself: its reader opens it again."""
    done = console.page.get_by_role("row", name="合计")
    for _ in range(RUN_S * 1000 // LOOK_AGAIN_MS):
        console.page.wait_for_timeout(LOOK_AGAIN_MS)
        console.page.reload()
        if done.is_visible():
            return
    raise AssertionError("the conformance kit does not come to an end")


def test_a_revision_goes_its_way_by_two_hands_and_back(login: Login, province: Platform) -> None:
    manifest = yaml.safe_load((province.data_dir / "manifests" / f"{SYSTEM}.yaml").read_text())
    manifest["limits"] = {**manifest["limits"], "concurrency": 48}
    dropped = manifest["sections"].pop()
    del manifest["operations"]["sections.query"]
    # What the kit says of the system is not to hang on how busy this machine is.
    manifest["time_outs"] = {"connect_ms": PATIENT_MS, "answer_ms": PATIENT_MS}
    for operation in manifest["operations"].values():
        operation["timeout_ms"] = PATIENT_MS

    clerk = login(f"{SYSTEM}.clerk")
    clerk.open("/console/systems/new")
    clerk.page.get_by_label("或粘贴清单内容").fill("system: 1")
    clerk.press("保存草稿")
    expect(clerk.page.get_by_role("alert")).to_be_visible()
    clerk.look("manifest-refused")
    clerk.page.get_by_label("或粘贴清单内容").fill(yaml.safe_dump(manifest, allow_unicode=True))
    clerk.press("保存草稿")
    expect(clerk.page.get_by_role("cell", name="48", exact=True)).to_be_visible()
    expect(state(clerk)).to_contain_text("草稿")
    where = clerk.page.url.removeprefix(clerk.origin)
    number = int(where.rsplit("/", 1)[1])
    clerk.confirm("提交", "已提交", note="并发上限调整")

    operator = login("operator")
    operator.open(where)
    operator.press("开始审核")
    expect(operator.page.get_by_text(dropped["title"]).first).to_be_visible()
    operator.look("revision-in-review")
    operator.page.locator("summary", has_text="同意").click()
    operator.page.get_by_label("理由").fill("板块并入首页其他板块")
    operator.press("确认同意")
    # Nothing is acknowledged yet, and so nothing is approved.
    expect(operator.page.get_by_role("alert")).to_contain_text("会影响正在办理的业务")
    # The question stays open, with what was typed.
    expect(operator.page.get_by_label("理由")).to_have_value("板块并入首页其他板块")
    for box in operator.page.get_by_role("checkbox").all():
        box.check()
    operator.press("确认同意")
    expect(state(operator)).to_contain_text("沙箱测试")
    operator.press("开始符合性测试")
    until_the_kit_is_done(operator)
    expect(state(operator)).to_contain_text("测试通过")
    operator.look("revision-conformant")
    operator.confirm("发布", "已发布")
    expect(state(operator)).to_contain_text("已发布")

    clerk.open(f"{HERE}/revisions/{number - 1}")
    expect(state(clerk)).to_contain_text("已被取代")
    clerk.confirm("申请恢复这一版", "已申请恢复", reason="板块仍有人使用")
    operator.open(clerk.page.url.removeprefix(clerk.origin))
    operator.confirm("恢复", "已恢复并发布", reason="同意恢复")
    expect(state(operator)).to_contain_text("已发布")
    operator.open(HERE)
    expect(operator.page.get_by_role("row", name="恢复早先版本")).to_be_visible()
    operator.look("system")


def test_a_key_is_rotated_and_maintenance_announced(login: Login) -> None:
    key = SigningKey.from_seed(f"{SYSTEM}-new", token_bytes(32))
    declared = {"id": key.key_id, "alg": "ed25519", "public": key.public_base64}
    proof = base64.b64encode(key.sign(statement(SYSTEM, parse_key(declared)))).decode()
    clerk, security = login(f"{SYSTEM}.clerk"), login("secadmin")
    clerk.open(f"{HERE}/keys")
    for name, words in (("密钥编号", key.key_id), ("公钥", key.public_base64), ("持有证明", proof)):
        clerk.page.get_by_label(name).fill(words)
    clerk.press("登记")
    expect(clerk.page.get_by_role("status")).to_contain_text("待安全管理员启用")
    security.open(f"{HERE}/keys")
    security.look("keys")
    row = security.page.get_by_role("row", name=key.key_id)
    row.get_by_role("button", name="启用", exact=True).click()
    expect(security.page.get_by_role("status")).to_contain_text("新旧密钥同时有效")
    clerk.open(f"{HERE}/keys")
    row = clerk.page.get_by_role("row", name=key.key_id)
    row.locator("summary", has_text="停用").click()
    row.get_by_role("button", name="确认停用").click()
    expect(clerk.page.get_by_role("status")).to_contain_text("密钥已停用")

    begins = datetime.now(BEIJING) + timedelta(days=30)
    clerk.open(f"{HERE}/maintenance")
    for name, moment in (("开始时间", begins), ("结束时间", begins + timedelta(hours=2))):
        clerk.page.get_by_label(name).fill(f"{moment:%Y-%m-%dT%H:%M}")
    clerk.page.get_by_label("对群众的说明").fill("系统升级，暂停查询。")
    clerk.press("发布公告")
    expect(clerk.page.get_by_role("rowheader", name="系统升级，暂停查询。")).to_be_visible()
    clerk.look("maintenance")
    clerk.confirm("取消", "维护公告已取消", reason="改期")


def test_data_are_asked_for_granted_and_taken_back(login: Login) -> None:
    clerk, head = login(f"{ASKER}.clerk"), login(f"{ASKER}.head")
    operator, owner = login("operator"), login(f"{OWNER}.head")
    clerk.open("/console/sharing/resources/301146-0001/apply")
    clerk.page.get_by_label("申请系统").select_option(ASKER)
    clerk.page.get_by_role("checkbox").first.check()
    clerk.page.get_by_label("使用用途").fill("核对参保人缴存情况")
    clerk.page.get_by_label("使用依据").fill("《社会保险经办条例》第二十二条")
    clerk.page.get_by_label("应用场景").fill("待遇核定时由经办人员查询")
    last_day = datetime.now(BEIJING) + timedelta(days=90)
    clerk.page.get_by_label("使用期限至").fill(f"{last_day:%Y-%m-%d}")
    clerk.look("application-form")
    clerk.press("保存草稿")
    clerk.confirm("提交", "已办理")
    where = clerk.page.url.removeprefix(clerk.origin)
    for console, act in ((head, "审批通过"), (operator, "审批通过"), (owner, "同意共享")):
        console.open(where)
        console.confirm(act, "已办理")
    owner.look("application-granted")
    owner.page.get_by_role("link", name="查看授权").click()
    owner.look("grant")
    owner.confirm("终止", "已立即生效", reason="使用目的已实现")
    clerk.open(where)
    clerk.page.get_by_role("link", name="查看授权").click()
    expect(clerk.page.locator(".facts")).to_contain_text("已终止")
    # Whoever's business it is not, sees none of it.
    auditor = login("auditor")
    answer = auditor.open(where)
    assert answer is not None
    assert answer.status == 403


def test_a_one_thing_is_corrected_and_registered_as_the_next_version(login: Login) -> None:
    operator = login("operator")
    operator.open("/console/one-things")
    expect(operator.page.get_by_role("row", name=re.compile("新生儿出生"))).to_contain_text(
        "可办理"
    )
    operator.look("one-things")
    operator.page.get_by_role("link", name=re.compile("新生儿出生")).click()
    expect(operator.page.get_by_role("row", name=re.compile("^上户口"))).to_contain_text("公安厅")
    operator.look("one-thing")
    operator.page.get_by_role("link", name="登记新版本").click()
    text = operator.page.get_by_label("或粘贴定义")
    good = text.input_value()
    # One step twice, and what was typed is still there beside the places that are wrong.
    text.fill(good.replace("code: vaccine", "code: birth").replace("icon: baby", "icon: A"))
    operator.press("核对并登记")
    expect(operator.page.get_by_role("rowheader", name="/icon")).to_be_visible()
    expect(text).to_have_value(re.compile("icon: A"))
    operator.look("one-thing-refused")
    text.fill(good.replace("孩子出生后要办的事", "宝宝出生后要办的事"))
    operator.press("核对并登记")
    expect(operator.page.get_by_role("status")).to_contain_text("现为第 2 版")
    expect(operator.page.locator(".facts")).to_contain_text("宝宝出生后要办的事")
    # As it was: other journeys find it by its name.
    operator.page.get_by_role("link", name="登记新版本").click()
    operator.page.get_by_label("或粘贴定义").fill(good)
    operator.press("核对并登记")
    expect(operator.page.get_by_role("status")).to_contain_text("现为第 3 版")


def test_duties_are_proposed_refused_with_a_reason_and_withdrawn(login: Login) -> None:
    operator, head = login("operator"), login("gd-renshe.head")
    operator.open("/console/divisions/new")
    operator.look("division-form")
    operator.page.get_by_label("事项实施编码").fill("11440000MB9X0012XG4442014001001")
    for label in ("由谁受理", "由谁决定（盖章）"):
        operator.page.get_by_label(label).select_option("gd-weijian")
    operator.page.get_by_label("由谁监管").select_option("gd-renshe")
    operator.page.get_by_label("依据").fill("《行政许可法》第二十五条")
    begins = datetime.now(BEIJING) + timedelta(days=30)
    operator.page.get_by_label("生效日期").fill(f"{begins:%Y-%m-%d}")
    operator.press("提出方案")
    expect(operator.page.get_by_role("status")).to_contain_text("等待各当事部门负责人同意")
    where = operator.page.url.removeprefix(operator.origin)
    head.open("/console/divisions")
    expect(head.page.locator("main")).to_contain_text("待本部门同意")
    head.look("divisions")
    head.open(where)
    head.look("division")
    head.confirm("不同意", "已表示不同意", reason="人员编制尚未划转")
    operator.open(where)
    expect(operator.page.locator(".facts")).to_contain_text("人员编制尚未划转")
    expect(operator.page.locator("summary", has_text="撤回方案")).to_have_count(0)
    auditor = login("auditor")
    for path in (where, "/console/one-things"):
        answer = auditor.open(path)
        assert answer is not None
        assert answer.status == 403


def test_a_contact_is_appointed_changed_and_ended(login: Login) -> None:
    head = login(f"{SYSTEM}.head")
    head.open("/console/contacts")
    typed = {
        "姓名": "林晓岚", "职务": "不动产登记服务专员", "工作电话": "020-12345",
        "服务时间": "工作日 9:00-17:00", "帮办事项": "不动产登记", "地区（行政区划代码）": "440106",
    }  # fmt: skip
    head.press("设置", **typed)
    status = head.page.get_by_role("status")
    expect(status).to_contain_text("已设置")
    row = head.page.get_by_role("row", name="林晓岚")
    row.get_by_role("link", name="修改“林晓岚”").click()
    expect(head.page.get_by_label("帮办事项")).to_have_value("不动产登记")
    head.look("contact")
    head.press("保存", 职务="企业用地服务专员")
    expect(status).to_contain_text("已修改")
    expect(row).to_contain_text("企业用地服务专员")
    row.locator("summary").click()
    row.get_by_role("button", name="确认停用").click()
    expect(status).to_contain_text("已停用")
    expect(row).to_have_count(0)
