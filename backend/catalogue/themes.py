"""Themes (主题分类): the facets by which people look for service items, as data.

Seeded from the facets of real implementation lists (实施清单). A code belongs to exactly one
audience, so that the check of themes against 服务对象 needs no second table. Icons are names of the
Lucide set.
"""

from typing import Literal, NamedTuple

Audience = Literal["citizen", "enterprise"]


class Theme(NamedTuple):
    """One facet: ``code`` is stable, ``name`` is for people, ``icon`` is a Lucide name."""

    code: str
    name: str
    audience: Audience
    icon: str


THEMES: tuple[Theme, ...] = (
    Theme("household", "户籍证件", "citizen", "id-card"),
    Theme("marriage-birth", "婚育收养", "citizen", "baby"),
    Theme("housing", "住房保障", "citizen", "house"),
    Theme("social-security", "社会保障", "citizen", "shield-check"),
    Theme("health", "医疗卫生", "citizen", "heart-pulse"),
    Theme("transport", "交通出行", "citizen", "car"),
    Theme("exit-entry", "出境入境", "citizen", "plane"),
    Theme("employment", "劳动就业", "citizen", "briefcase"),
    Theme("qualification", "执业资格", "citizen", "award"),
    Theme("education", "教育培训", "citizen", "graduation-cap"),
    Theme("elder-disabled", "养老助残", "citizen", "accessibility"),
    Theme("relief", "救助帮扶", "citizen", "hand-heart"),
    Theme("tax", "个人纳税", "citizen", "receipt"),
    Theme("consumer", "消费维权", "citizen", "scale"),
    Theme("ethnic-religion", "民族宗教", "citizen", "users"),
    Theme("funeral", "死亡殡葬", "citizen", "flower-2"),
    Theme("corp-setup", "设立变更", "enterprise", "store"),
    Theme("corp-permit", "行业准营", "enterprise", "badge-check"),
    Theme("corp-tax", "纳税缴费", "enterprise", "calculator"),
    Theme("corp-staff", "员工社保", "enterprise", "users-round"),
    Theme("corp-recruit", "招聘用工", "enterprise", "user-round"),
    Theme("corp-finance", "融资信贷", "enterprise", "piggy-bank"),
    Theme("corp-investment", "投资立项", "enterprise", "trending-up"),
    Theme("corp-construction", "工程建设", "enterprise", "building-2"),
    Theme("corp-property", "不动产登记", "enterprise", "landmark"),
    Theme("corp-safety", "安全质量", "enterprise", "hard-hat"),
    Theme("corp-health", "医疗健康", "enterprise", "hospital"),
    Theme("corp-support", "惠企扶持", "enterprise", "hand-coins"),
    Theme("corp-social", "社会组织", "enterprise", "handshake"),
    Theme("corp-close", "注销歇业", "enterprise", "archive"),
)

BY_CODE: dict[str, Theme] = {theme.code: theme for theme in THEMES}


def audience_of(code: str) -> Audience | None:
    """The audience that a theme code belongs to, or None where there is no such theme."""
    theme = BY_CODE.get(code)
    return theme.audience if theme else None
