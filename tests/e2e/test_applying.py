"""An application on the phone: the form, the materials, looked over, handed in."""

import httpx
import pytest

from tests.e2e.app import App
from tests.e2e.applying import (
    PERMIT,
    RECEIPT,
    choose_date,
    choose_place,
    looked_at,
    start,
    with_card,
)
from tests.e2e.conftest import OpenApp
from tests.e2e.people import Visitor, log_in, represents, somebody
from tests.provinces import Platform


@pytest.fixture(scope="module")
def applicant(http: httpx.Client) -> Visitor:
    """Somebody with an identity card in the wallet and no residence permit."""
    person = somebody(
        lambda one: (
            not one.residence_permit
            and one.licence_load == "normal"
            and one.car is not None
            and one.job is not None
            and not represents(one)
        )
    )
    visitor = log_in(http, person, 4)
    with_card(http, visitor)
    return visitor


def test_a_citizen_fills_in_looks_over_and_hands_in(
    app: App, http: httpx.Client, applicant: Visitor
) -> None:
    app.consented()
    applicant.sit_down(app)
    start(app, http, PERMIT)
    # What a licence would say as well is left out where its issuer takes more than three seconds.
    app.see("来自 实名认证信息")
    looked_at(app, "apply-form")
    app.press("下一步")
    app.press("上一步")
    app.see(
        "请填写现居住地址",
        "请选择申领理由" if app.text("请选择申领理由").count() else "请填写申领理由",
    )
    choose_place(app, "现居住地区")
    app.fill("现居住地址", "石牌街示范路2号502房")
    choose_date(app, "从哪天开始住", "2025", "3", "1")
    app.press("有稳定工作")
    app.fill("工作单位", "广州示范贸易有限公司")
    app.press("只要电子证")
    app.fill("户籍地址", "湖南省长沙市岳麓区示范路9号")
    name = app.page.get_by_label("姓名").first
    app.fill("姓名", f"{name.input_value()}（曾用名）")
    app.see("您改过", "已保存，换一台设备也能接着填")
    looked_at(app, "apply-form-filled")

    app.press("下一步")
    app.press("居民身份证：用我的电子证照")
    app.page.get_by_role("checkbox").filter(visible=True).first.click()
    app.press("使用这张证照")
    app.see("用电子证照：居民身份证")
    app.press("证件照：先办，以后补交")
    app.press("15 天内")
    app.press("就业、住所或就读证明：签承诺书代替")
    app.page.get_by_role("checkbox").filter(visible=True).first.click()
    app.press("签承诺书")
    app.see("已签承诺书")
    looked_at(app, "apply-materials")

    app.press("下一步")
    app.see("石牌街示范路2号502房", "有稳定工作")
    looked_at(app, "apply-check")
    app.press("确认提交")
    app.at("apply/done")
    app.see("已提交", "办件编号")
    looked_at(app, "apply-done")
    app.press("查看进度")
    app.at("apply/case")


def test_the_form_holds_in_the_elder_version(
    open_app: OpenApp, province: Platform, http: httpx.Client, applicant: Visitor
) -> None:
    elder = open_app(province.url)
    elder.consented(elder=True)
    applicant.sit_down(elder)
    start(elder, http, RECEIPT)
    looked_at(elder, "apply-form", elder=True)
