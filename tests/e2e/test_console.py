"""The console in a browser: by keyboard, on a desktop and a phone, for everybody."""

import re
from collections.abc import Callable
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import expect

from gateway.console.frame import PAGES
from gateway.console.install import console_blueprints
from tests.e2e.accessibility import too_wide
from tests.e2e.console import CODE, DESKTOP, PHONE, Console

console_blueprints()
ROLES = ("operator", "sysadmin", "secadmin", "auditor", "gd-yibao.clerk", "gd-yibao.head")
# What anyone may open without a parameter in its address.
PATHS = sorted({one.path for one in PAGES if one.method == "GET" and "<" not in one.path})
NEW_PASSWORD = "correct horse battery"


@pytest.fixture
def console(open_console: Callable[[], Console]) -> Console:
    return open_console()


def test_in_and_out_and_one_task_with_the_keyboard_alone(console: Console) -> None:
    console.open("/console/accounts/new")
    expect(console.page).to_have_url(re.compile(r"/console/login\?next=%2Fconsole%2Faccounts"))
    code = console.code("sysadmin")
    console.typed("^用户名$", "sysadmin")
    console.typed("^密码$", console.password)
    console.typed("^动态码", code)
    console.page.keyboard.press("Enter")
    expect(console.page.get_by_role("heading", level=1)).to_have_text("新建账号")
    console.page.keyboard.press("Tab")
    assert console.focused() == "跳到正文"
    console.page.keyboard.press("Enter")
    console.typed("^用户名$", "by-keyboard")
    console.typed("^姓名$", "键盘")
    console.tab_to("^角色$")
    for _ in range(2):  # 系统人员, 单位负责人, 平台运营
        console.page.keyboard.press("ArrowDown")
    console.tab_to("^创建账号$")
    console.page.keyboard.press("Enter")
    expect(console.page.get_by_role("heading", level=1)).to_have_text("账号已创建")
    expect(console.page.get_by_text("平台运营", exact=True)).to_be_visible()
    console.shoot("initial")
    console.is_fit("initial")
    console.tab_to("^退出$")
    console.page.keyboard.press("Enter")
    expect(console.page.get_by_role("heading", level=1)).to_have_text("登录")
    console.open("/console")
    expect(console.page.get_by_role("heading", level=1)).to_have_text("登录")


def make_newcomer(console: Console) -> str:
    """By the system administrator; gives the one-time password."""
    page = console.page
    console.log_in("sysadmin")
    console.open("/console/accounts/new")
    page.get_by_label("用户名").fill("newcomer")
    page.get_by_label("姓名").fill("新人")
    page.get_by_label("角色").select_option("clerk")
    page.get_by_role("button", name="创建账号").click()
    # Refused: a clerk has a department. What was typed is still there.
    expect(page.get_by_role("alert")).to_contain_text("统一社会信用代码")
    expect(page.get_by_label("用户名")).to_have_value("newcomer")
    expect(page.get_by_label("角色")).to_have_value("clerk")
    console.shoot("account-refused")
    console.is_fit("account-refused")
    page.get_by_label("角色").select_option("operator")
    page.get_by_role("button", name="创建账号").click()
    return page.locator("code.secret").inner_text()


def activate_newcomer(console: Console) -> None:
    """By the security administrator."""
    page = console.page
    console.log_in("secadmin")
    page.get_by_role("link", name=re.compile("待启用账号")).click()
    page.get_by_role("link", name="newcomer").click()
    page.locator("summary", has_text="启用").click()
    console.shoot("account-confirm")
    console.is_fit("account-confirm")
    page.get_by_role("button", name="确认启用").click()
    expect(page.get_by_role("status")).to_contain_text("账号已启用")
    console.shoot("account-activated")


def test_two_administrators_make_an_account_and_its_owner_enrols(
    open_console: Callable[[], Console],
) -> None:
    # Each at a desk of their own: whoever logs out ends a session that other tests go on with.
    system, security, console = (open_console() for _ in range(3))
    initial = make_newcomer(system)
    activate_newcomer(security)
    page = console.page
    console.open("/console/login")
    page.get_by_label("用户名").fill("newcomer")
    page.get_by_label("密码").fill(initial)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("首次登录")
    secret = page.locator("code.secret").inner_text()
    console.shoot("enrolment")
    console.is_fit("enrolment")
    page.get_by_label("新密码", exact=True).fill("short")
    page.get_by_label("再输入一次新密码").fill("short")
    page.get_by_role("textbox", name=CODE).fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="完成并登录").click()
    expect(page.get_by_role("alert")).to_contain_text("至少 12 位")
    page.get_by_label("新密码", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("再输入一次新密码").fill(NEW_PASSWORD)
    page.get_by_role("textbox", name=CODE).fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="完成并登录").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("新人，您好")


def test_wrong_tries_get_one_sentence_and_then_a_lock_with_its_time(console: Console) -> None:
    page = console.page
    console.open("/console/login")
    for number in range(6):
        page.get_by_label("用户名").fill("nobody-of-ours")
        page.get_by_label("密码").fill("not the password")
        page.get_by_role("button", name="登录").click()
        said = page.get_by_role("alert")
        expect(said).to_contain_text("已暂时锁定，请于" if number == 5 else "用户名、密码或动态码")
    console.shoot("locked")
    console.is_fit("locked")


def test_the_auditor_looks_for_an_entry_and_takes_the_file_out(console: Console) -> None:
    page = console.page
    console.log_in("auditor")
    console.open("/console/audit")
    page.get_by_label("动作").fill("operators.login")
    page.get_by_role("button", name="查询").click()
    found = page.get_by_role("table").get_by_role("link", name="operators.login")
    expect(found.first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="导出为 CSV").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert text.startswith("编号,时间,操作者,动作,对象,详情")
    assert {line.split(",")[3] for line in text.splitlines()[1:]} == {"operators.login"}


def test_a_page_of_another_role_and_one_that_is_not_there_lead_back(console: Console) -> None:
    console.log_in("auditor")
    for path, status, heading in (
        ("/console/accounts", 403, "没有权限"),
        ("/console/nothing/here", 404, "没有找到"),
    ):
        answer = console.open(path)
        assert answer is not None
        assert answer.status == status
        expect(console.page.get_by_role("heading", level=1)).to_have_text(heading)
        console.shoot(f"error-{status}")
        console.is_fit(path)
        console.page.get_by_role("link", name="回到首页").click()
        expect(console.page.get_by_role("heading", level=1)).to_contain_text("您好")


def test_no_script_runs_and_no_frame_holds_it(console: Console) -> None:
    answer = console.open("/console/login")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "unsafe-inline" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert console.page.locator("script").count() == 0
    assert console.page.locator("[style]").count() == 0
    (cookie,) = console.page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert cookie["path"] == "/console"
    # axe leaves styles behind: it looks last.
    console.shoot("login")
    console.is_fit("login")


@pytest.mark.parametrize("username", ROLES)
def test_every_page_of_a_role_is_fit_for_everybody(console: Console, username: str) -> None:
    """Each page that has no parameter: desktop and phone, pictures kept, targets large enough."""
    page = console.page
    console.log_in(username)
    opened = 0
    for path in PATHS:
        answer = console.open(path) if path not in _NOT_TO_LOOK_AT else None
        if answer is None or answer.status != 200:
            continue
        opened += 1
        name = f"{username}{path.removeprefix('/console').replace('/', '-')}"
        console.shoot(name)
        console.is_fit(name)
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        assert too_wide(page, PHONE[0]) == 0, name
        console.shoot(f"{name}-phone")
        page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        assert page.evaluate(_LOW_CONTROLS) == [], name
    assert opened >= 4


# Files, and the page before the login, which somebody logged in has no use for.
_NOT_TO_LOOK_AT = {"/console/audit/export", "/console/login"}
# A link within a line of text or a table is as high as its line (WCAG 2.5.8, inline).
_LOW_CONTROLS = """() => {
  const wanted = 'button, .button, summary, select, textarea, input:not([type=hidden])'
    + ':not([type=checkbox]):not([type=radio]), .menu a, .who a, .tile'
  return [...document.querySelectorAll(wanted)]
    .filter((one) => one.getClientRects().length > 0)
    .filter((one) => one.getBoundingClientRect().height < 43.5)
    .map((one) => `${one.tagName} ${one.innerText} ${one.getBoundingClientRect().height}`)
}"""
