"""The ten checks that an item has to pass before it is published.

They come from a real provincial audit of implementation lists (实施清单). Each is a pure function
from an item to its failures; a message names the element and says why, in Chinese, since a person
at the department mends it.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from backend.catalogue.items import Fee, ServiceItemSpec
from backend.catalogue.themes import audience_of

LICENSING_STAGES = ("受理", "审核", "审批", "办结", "送达")
_PHONE = re.compile(r"0\d{2,3}-\d{5,8}")
# Days of the calendar that a unit lasts at least, by which times of different units compare.
_CALENDAR_DAYS = {"workday": 1.4, "day": 1.0, "month": 30.0}


class Failure(NamedTuple):
    """Why an item cannot be published.

    Attributes:
        rule: number of the check, 1–10.
        field: the element's field name, for a JSON pointer.
        element: its Chinese name.
        message: what is wrong and how to mend it, in Chinese.
    """

    rule: int
    field: str
    element: str
    message: str


def immediate_items_are_immediate(item: ServiceItemSpec) -> Iterator[Failure]:
    """1: 承诺时限 即办 ⇔ 办件类型 即办件; otherwise 承诺件."""
    if (item.promise_day == 0) == (item.project_type == "1"):
        return
    if item.promise_day == 0:
        why = "承诺办结时限为即办，办件类型应为即办件"
    else:
        why = f"承诺办结时限为{item.promise_text}，办件类型应为承诺件"
    yield Failure(1, "project_type", "办件类型", why)


def promise_within_statute(item: ServiceItemSpec) -> Iterator[Failure]:
    """2: 承诺办结时限 ≤ 法定办结时限, and without a statutory time its explanation."""
    if item.anticipate_day is None:
        if not item.anticipate_explain:
            why = "未填法定办结时限时，应说明法律法规未规定时限"
            yield Failure(2, "anticipate_explain", "法定办结时限说明", why)
        return
    promised = item.promise_day * _CALENDAR_DAYS[item.promise_type]
    statutory = item.anticipate_day * _CALENDAR_DAYS[item.anticipate_type]
    if item.promise_type == item.anticipate_type:
        promised, statutory = item.promise_day, item.anticipate_day
    if promised > statutory:
        why = f"承诺办结时限{item.promise_text}超过了法定办结时限{item.anticipate_text}"
        yield Failure(2, "promise_day", "承诺办结时限", why)


def result_type_fits_name(item: ServiceItemSpec) -> Iterator[Failure]:
    """3: a result named …证 is 出证办结, …批复 审批办结, …文 出文办结."""
    for ending, expected in (("证", "出证办结"), ("批复", "审批办结"), ("文", "出文办结")):
        if item.result_name.endswith(ending) and item.result_type != expected:
            why = f"结果名称“{item.result_name}”以“{ending}”结尾，结果类型应为{expected}"
            yield Failure(3, "result_type", "审批结果类型", why)


def visits_are_explained(item: ServiceItemSpec) -> Iterator[Failure]:
    """4: visits > 0 need a reason; 0 visits without online handling need 快递."""
    if item.limit_scene_num > 0 and not item.limit_scene_explain:
        why = f"到办事现场次数为 {item.limit_scene_num}，应说明必须到现场的原因"
        yield Failure(4, "limit_scene_explain", "必须现场办理原因说明", why)
    if item.limit_scene_num == 0 and not item.is_online and "4" not in item.handle_type:
        why = "到办事现场次数为 0 又不能网上办理时，办理形式应包含快递申请"
        yield Failure(4, "handle_type", "办理形式", why)


def fully_online_needs_no_visit(item: ServiceItemSpec) -> Iterator[Failure]:
    """5: 网办深度 Ⅳ级 ⇒ 到现场次数 0."""
    if item.online_handle_depth == 4 and item.limit_scene_num > 0:
        why = f"网办深度为Ⅳ级（全程网办），到办事现场次数应为 0，现为 {item.limit_scene_num}"
        yield Failure(5, "limit_scene_num", "到办事现场次数", why)


def fees_are_founded(item: ServiceItemSpec) -> Iterator[Failure]:
    """6: a fee needs basis, name, standard and 是否网上支付; no fee, no online payment."""
    if not item.is_fee:
        if item.is_pay_online:
            yield Failure(6, "is_pay_online", "是否支持网上支付", "不收费的事项不应支持网上支付")
        return
    if not item.fee_basis:
        yield Failure(6, "fee_basis", "收费依据", "收费的事项应写明收费依据")
    if not item.fees:
        yield Failure(6, "fees", "收费项目", "收费的事项应列出收费项目和标准")
    if item.is_pay_online is None:
        why = "收费的事项应写明是否支持网上支付"
        yield Failure(6, "is_pay_online", "是否支持网上支付", why)
    for place, fee in enumerate(item.fees):
        yield from _fee_is_complete(place, fee)


def _fee_is_complete(place: int, fee: Fee) -> Iterator[Failure]:
    if not fee.fee_name:
        why = f"第 {place + 1} 个收费项目没有名称"
        yield Failure(6, f"fees/{place}/fee_name", "收费项目名称", why)
    if not fee.fee_stand:
        why = f"收费项目“{fee.fee_name}”没有收费标准"
        yield Failure(6, f"fees/{place}/fee_stand", "收费标准", why)


def phones_differ(item: ServiceItemSpec) -> Iterator[Failure]:
    """7: 咨询电话 ≠ 投诉电话, both with their area code."""
    phones = (
        ("link_way", "咨询方式", item.link_way),
        ("supervise_way", "监督投诉方式", item.supervise_way),
    )
    for field, element, value in phones:
        if not _PHONE.search(value):
            why = f"{element}“{value}”应为带区号的电话，如 020-12345"
            yield Failure(7, field, element, why)
    if set(_PHONE.findall(item.link_way)) & set(_PHONE.findall(item.supervise_way)):
        why = f"监督投诉电话不能与咨询电话相同（{item.supervise_way}）"
        yield Failure(7, "supervise_way", "监督投诉方式", why)


def themes_fit_audience(item: ServiceItemSpec) -> Iterator[Failure]:
    """8: 服务对象 agrees with 主题分类, both ways."""
    names = {"citizen": "自然人", "enterprise": "法人"}
    served = set(item.audience)
    themed = set()
    for code in item.themes:
        audience = audience_of(code)
        if audience is None:
            yield Failure(8, "themes", "主题分类", f"没有“{code}”这个主题")
            continue
        themed.add(audience)
        if audience not in served:
            why = f"服务对象不含{names[audience]}，不应有{names[audience]}主题“{code}”"
            yield Failure(8, "themes", "主题分类", why)
    for audience in sorted(served - themed):
        why = f"服务对象包含{names[audience]}，应至少有一个{names[audience]}主题"
        yield Failure(8, "themes", "主题分类", why)


def licensing_is_described(item: ServiceItemSpec) -> Iterator[Failure]:
    """9: 行政许可 needs at least one FAQ and the stages 受理, 审核, 审批, 办结, 送达."""
    if item.task_type != "01":
        return
    if not item.faqs:
        yield Failure(9, "faqs", "常见问题", "行政许可事项应至少有一个常见问题")
    given = {stage.stage for stage in item.handle_flow}
    missing = [stage for stage in LICENSING_STAGES if stage not in given]
    if missing:
        why = f"行政许可事项的办理流程缺少环节：{'、'.join(missing)}"
        yield Failure(9, "handle_flow", "办理流程", why)


def named_results_have_samples(item: ServiceItemSpec) -> Iterator[Failure]:
    """10: an item with a named result needs its 样本."""
    if item.result_name and not item.result_sample:
        why = f"有结果名称“{item.result_name}”，应提供结果样本"
        yield Failure(10, "result_sample", "审批结果样本", why)


CHECKS: tuple[Callable[[ServiceItemSpec], Iterator[Failure]], ...] = (
    immediate_items_are_immediate,
    promise_within_statute,
    result_type_fits_name,
    visits_are_explained,
    fully_online_needs_no_visit,
    fees_are_founded,
    phones_differ,
    themes_fit_audience,
    licensing_is_described,
    named_results_have_samples,
)


def check_item(item: ServiceItemSpec) -> list[Failure]:
    """Apply all ten checks.

    Returns:
        Every failure, in the order of the checks; empty when the item may be published.
    """
    return [failure for check in CHECKS for failure in check(item)]
