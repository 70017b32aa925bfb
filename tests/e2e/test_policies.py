"""Policies that find people: an old man's allowance; one from its editor to an enterprise."""

import re
from collections.abc import Callable
from datetime import date
from urllib.parse import parse_qs, urlparse

import httpx
import pytest
from playwright.sync_api import Locator, expect

from backend.numbers.service import age_on
from backend.sandbox.population.people import Person
from tests.e2e.accessibility import small_targets, violations
from tests.e2e.app import App
from tests.e2e.conftest import OpenApp
from tests.e2e.console import Console
from tests.e2e.people import Visitor, log_in, represents, somebody
from tests.provinces import Platform

PAID_WITHIN, LOOK_AGAIN_MS = 60, 250
ENTITLEMENTS = "/console/benefits"
LIMPING = "code: E2E\ntitle: 示例\nkind: free\n"
POLICY = """\
code: e2e-butie
title: 园区企业示例补贴
summary: 正常经营的企业，一次性补贴一百元，公示一天。
kind: automatic
audience: [enterprise, individual, cooperative]
region: '440000'
source:
  name: 示例补贴办法
  sample: true
  clauses:
  - {ref: 第一条, text: 对正常经营的企业给予补贴。}
valid_from: '2026-01-01'
benefit: {kind: money, words: 一次 100 元, amount: 100, budget: 100000}
conditions:
- {id: open, words: 正常经营, cel: enterprise.status == '存续', clause: 第一条}
evidence:
- {source: register, basis: 《中华人民共和国市场主体登记管理条例》}
steps: {check: true, publicity_days: 1}
"""

Login = Callable[[str], Console]


@pytest.fixture
def login(open_console: Callable[[], Console]) -> Login:
    """A desktop with that demo account logged in."""

    def enter(username: str) -> Console:
        made = open_console()
        made.log_in(username)
        return made

    return enter


def old(person: Person) -> bool:
    age = age_on(person.birth, date.today())
    return 80 <= age < 99 and not person.residence_permit and not represents(person)


def benefit_of(app: App) -> str:
    """Id of the benefit that is shown."""
    app.at("policies/benefit")
    return parse_qs(urlparse(app.page.url.replace("#", "")).query)["id"][0]


def checked_by_hand(app: App) -> str:
    """Ask the department, unless the run over everybody has been faster."""
    button = app.page.get_by_role("button", name="请部门现在核验")
    button.or_(app.page.get_by_role("link", name=re.compile("查看进度"))).first.click()
    return benefit_of(app)


def until_paid(app: App) -> None:
    """The worker sends the instruction, the department's receipt comes back."""
    for _ in range(PAID_WITHIN * 1000 // LOOK_AGAIN_MS):
        app.page.reload()
        app.settle()
        if app.text("已兑付").is_visible():
            return
        app.page.wait_for_timeout(LOOK_AGAIN_MS)
    raise AssertionError("nothing is paid")


def to_pay(app: App, amount: str) -> None:
    app.fill("开户银行", "示范银行")
    app.fill("银行卡号", "6222000000000000001")
    app.press(f"同意并领取 {amount}")


def test_an_old_man_sees_his_allowance_and_has_it_paid(
    app: App, login: Login, http: httpx.Client
) -> None:
    app.consented(elder=True)
    log_in(http, somebody(old), 3).sit_down(app)
    app.open("pages/home/index")
    app.page.get_by_role("link", name=re.compile("我的政策")).first.click()
    app.at("policies/list")
    app.see("符合的政策", "高龄津贴", "每月 100 元")
    app.settle()
    app.shoot("policies-elder")
    app.page.get_by_role("link", name=re.compile("高龄津贴")).first.click()
    app.at("policies/policy")
    app.see("您符合，可得 100 元", "年满八十周岁", "不用申请")
    app.shoot("policy-elder")
    benefit = checked_by_hand(app)
    app.see("部门核验中")
    clerk = login("gd-minzheng.clerk")
    clerk.open(f"{ENTITLEMENTS}?state=candidate")
    clerk.look("policies-candidates")
    clerk.open(f"{ENTITLEMENTS}/{benefit}")
    clerk.look("policies-candidate")
    clerk.confirm("核验通过", "已处理")
    app.open("pages/home/index")
    app.see("待办")
    app.shoot("home-offer-elder")
    app.page.get_by_role("link", name=re.compile("高龄津贴.*100 元")).first.click()
    app.see("待您确认", "钱发到哪里")
    app.settle()
    app.shoot("benefit-elder")
    assert violations(app.page) == []
    assert small_targets(app.page, elder=True) == []
    app.press("同意并领取 100 元")
    app.see("请写开户银行", "请写完整的银行卡号")
    to_pay(app, "100 元")
    until_paid(app)
    app.see("已发到示范银行 尾号 0001", "本人确认")
    app.shoot("benefit-paid-elder")


def test_a_policy_goes_from_its_editor_to_an_enterprise_and_back(
    app: App,
    open_app: OpenApp,
    login: Login,
    province: Platform,
    http: httpx.Client,
    owner: Visitor,
    resident: Visitor,
) -> None:
    clerk, head = login("gd-renshe.clerk"), login("gd-renshe.head")
    clerk.open("/console/policies/new")
    clerk.page.get_by_label("政策内容").fill(LIMPING)
    clerk.page.get_by_role("button", name="保存草稿").click()
    faults = clerk.page.get_by_role("table", name="需要更正的地方")
    expect(faults.get_by_role("row", name=re.compile("来源文件"))).to_contain_text("缺少这一项")
    expect(faults.get_by_role("row", name=re.compile("^编号"))).to_contain_text("格式不对")
    expect(clerk.page.get_by_label("政策内容")).to_have_value(LIMPING)
    clerk.look("policies-refused")
    clerk.page.get_by_label("政策内容").fill(POLICY)
    clerk.page.get_by_role("button", name="保存草稿").click()
    expect(clerk.page.get_by_role("status")).to_contain_text("草稿已保存")
    clerk.page.get_by_role("button", name="用样本试算").click()
    expect(clerk.page.get_by_role("table", name="在哪个条件落选")).to_be_visible()
    clerk.look("policies-draft")
    clerk.confirm("提交审批", "已提交")
    head.open("/console")
    head.page.get_by_role("link", name=re.compile("待审批的政策")).click()
    head.page.get_by_role("link", name="园区企业示例补贴").click()
    head.confirm("同意发布", "已发布")
    head.look("policies-published")

    app.consented()
    owner.sit_down(app)
    uscc = http.get("/api/v1/enterprise/enterprises", headers=owner.header).json()["items"][0][
        "uscc"
    ]
    app.open("enterprise/home", uscc=uscc)
    app.see("待办", "专属政策", "专属办事", "企业诉求")
    app.settle()
    app.shoot("enterprise-home")
    app.open("policies/policy", code="e2e-butie", uscc=uscc)
    app.see("您符合，可得 100 元", "正常经营")
    benefit = checked_by_hand(app)
    clerk.open(f"{ENTITLEMENTS}/{benefit}")
    clerk.confirm("核验通过", "已处理")

    witness = open_app(province.url)
    witness.consented()
    resident.sit_down(witness)
    witness.open("policies/publicity")
    witness.see("园区企业示例补贴", "100 元")
    witness.page.get_by_role("button", name=re.compile("园区企业示例补贴提出异议")).click()
    witness.fill("理由", "听说已经停产")
    witness.shoot("publicity-objection")
    witness.press("提交异议")
    witness.see("异议已收到", "最晚")
    clerk.open(ENTITLEMENTS)
    expect(clerk.page.get_by_role("row", name=re.compile("前处理异议")).first).to_be_visible()
    clerk.open(f"{ENTITLEMENTS}/{benefit}")
    clerk.confirm("异议不成立", "已处理", words="现场看过，正常经营")

    app.open("policies/benefit", id=benefit, uscc=uscc)
    to_pay(app, "100 元")
    until_paid(app)
    head.open(f"{ENTITLEMENTS}/{benefit}")
    head.confirm("决定追回", "已处理", words="重复发放")
    app.page.reload()
    app.see("追回中", "不同意，可以提出异议")
    app.fill("为什么不该退回", "没有重复")
    app.press("提出异议")
    app.see("追回异议处理中", "处理期间不用退")
    app.settle()
    app.shoot("benefit-contested")
    clerk.open(f"{ENTITLEMENTS}/{benefit}")
    clerk.confirm("异议成立", "已处理", words="核对无误")
    app.page.reload()
    app.see("已兑付")


def group(console: Console, name: str) -> Locator:
    """A row of a list in the form."""
    return console.page.get_by_role("group", name=name, exact=True)


def filled_in(clerk: Console) -> None:
    """A policy with one thing wrong in a condition, and one in the benefit."""
    page = clerk.page
    for label, words in (
        ("简介", "参保五人以上的企业，每人一百元。"), ("生效日期", "2027-01-01"),
        ("文件名称", "示例补贴办法"), ("条款号", "第一条"), ("条款内容", "对参保企业给予补贴。"),
        ("计算公式", "enterprise.staff * 100"), ("封顶（元）", "1000"),
    ):  # fmt: skip
        page.get_by_label(label).fill(words)
    page.get_by_label("实施地区").select_option(label="广州市 天河区")
    page.get_by_role("checkbox", name="企业", exact=True).check()
    page.locator("#part-benefit").get_by_label("给人看的说明").fill("每人一百元")
    first = group(clerk, "条件 1")
    first.get_by_label("给人看的说明").fill("参保人数不少于五人")
    first.get_by_label("判断式").fill("enterprise.people >= 5")
    for number, source in (("依据 1", "register"), ("依据 2", "301123/0003")):
        if number == "依据 2":
            clerk.press("增加一条依据")
        group(clerk, number).get_by_label("数据来源").select_option(value=source)
        group(clerk, number).get_by_label("法定依据").fill("《示例法》")


def test_a_clerk_writes_a_policy_in_the_form(login: Login) -> None:
    clerk = login("gd-renshe.clerk")
    page = clerk.page
    clerk.open("/console/policies")
    page.get_by_role("link", name="编写政策", exact=True).click()
    clerk.typed("^编号", "e2e-biaodan")
    clerk.typed("^名称", "表单示例补贴")
    filled_in(clerk)
    page.get_by_role("button", name="保存草稿").first.click()
    faults = page.get_by_role("table", name="需要更正的地方")
    expect(faults.get_by_role("row", name="条件 1 › 判断式")).to_be_visible()
    expect(faults.get_by_role("row", name="待遇 › 预算")).to_contain_text("应写明预算")
    wrong = group(clerk, "条件 1").get_by_label("判断式")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    clerk.look("policies-form-refused")
    faults.get_by_role("link", name="条件 1 › 判断式").click()
    expect(wrong).to_be_focused()
    wrong.fill("enterprise.staff >= 5")
    clerk.tab_to("增加一条条件")
    page.keyboard.press("Enter")
    expect(group(clerk, "条件 2")).to_be_visible()
    clerk.tab_to("删除条件 2")
    page.keyboard.press("Enter")
    expect(group(clerk, "条件 2")).to_have_count(0)
    page.get_by_label("总预算（元）").fill("100000")
    clerk.look("policies-form")
    page.get_by_role("button", name="用样本试算").first.click()
    expect(page.get_by_role("heading", name="试算结果（还没有保存）")).to_be_visible()
    expect(page.get_by_role("table", name="在哪个条件落选")).to_contain_text("不少于五人")
    expect(page.get_by_label("总预算（元）")).to_have_value("100000")
    clerk.look("policies-form-tried")

    clerk.press("改用 YAML 编写")
    as_text = page.get_by_label("政策内容")
    expect(as_text).to_have_value(re.compile(r"^code: e2e-biaodan\ntitle: 表单示例补贴\n"))
    clerk.press("改用表单填写")
    expect(group(clerk, "条件 1").get_by_label("判断式")).to_have_value("enterprise.staff >= 5")
    page.get_by_label("名称", exact=True).press("Enter")
    expect(page.get_by_role("status")).to_contain_text("草稿已保存")
    expect(page.get_by_role("table", name="条件", exact=True)).to_contain_text("不少于五人")
    page.get_by_role("link", name="继续编辑").click()
    expect(page.get_by_label("计算公式")).to_have_value("enterprise.staff * 100")
