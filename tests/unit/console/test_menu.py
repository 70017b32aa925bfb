"""The menu of the console: read in parts, by everybody who may open something of them."""

import pytest

from backend.operators.service import Role
from gateway.console.frame import SECTIONS, menu_of, sections_of
from gateway.console.install import console_blueprints

console_blueprints()


@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_a_role_stands_under_one_heading_in_its_order(role: Role) -> None:
    found = sections_of(role)
    titles = [title for title, _ in found]
    assert titles == [title for _, title in SECTIONS if title in titles]
    assert [page for _, pages in found for page in pages] == menu_of(role)


def test_what_is_of_one_subject_stands_together() -> None:
    of = {title: [page.menu for page in pages] for title, pages in sections_of(Role.OPERATOR)}
    assert of["系统接入"] == ["接入系统", "运行状态", "职责分工"]
    assert of["群众反映"] == ["好差评", "咨询投诉", "用证投诉"]
