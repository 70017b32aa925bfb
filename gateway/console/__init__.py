"""The console: pages of the gateway for the people who run a system or the platform.

Rendered here, without script: a page is a form or a table that a keyboard reaches. Every page is
declared once, and the checks (who may call it, CSRF), the menu and the authorisation matrix
(docs/access.md) follow from the declaration. A file ``gateway/console/pages/<what>.py`` with a
blueprint ``bp`` is found by itself; its templates lie in ``templates/<what>/``.

A complete example, ``pages/windows.py``::

    from sanic import Blueprint, HTTPResponse
    from backend.operators.service import Role
    from gateway.console.forms import FormIn
    from gateway.console.frame import PageCall, page
    from gateway.console.waiting import Waiting, waits

    bp = Blueprint("console_windows", url_prefix="/console/windows")
    ROLES = (Role.OPERATOR, Role.CLERK)

    class WindowIn(FormIn):                        # pydantic; a field of that name in the form
        words: str = Field(min_length=1, max_length=100)

    @page(bp, "GET", "", roles=ROLES, title="维护公告", menu="维护公告", order=40)
    async def windows(call: PageCall) -> HTTPResponse:
        found = await call.province.exchange.windows(call.officer, call.query("cursor") or None)
        return call.render("windows/list.html", found=found)

    @page(bp, "POST", "", roles=ROLES, title="新建维护公告", again=windows)
    async def announce(call: PageCall) -> HTTPResponse:
        given = call.form.read(WindowIn)           # RequestInvalid: shown beside the fields
        await call.province.exchange.announce(call.officer, …)   # DomainError: shown above
        return call.go("/console/windows", "已发布维护公告。")      # 303 and a flash message

    @waits(Role.OPERATOR)                          # counts on the first page of these roles
    async def under_way(call: PageCall) -> list[Waiting]:
        return [Waiting("正在维护的系统", count=2, href="/console/windows")]

``again`` names the page that is shown anew when the domain refuses, with what was typed (fields of
the macros fill themselves from the form); without it the refusal is a page of its own. Parameters
of the path come as keyword arguments, as in a channel. ``templates/windows/list.html``::

    {% extends "page.html" %}
    {% import "ui.html" as ui with context %}
    {% block content %}
    {% call ui.table("维护公告", ["系统", "开始", "状态", "操作"], empty="没有维护公告") %}
      {% for one in found.items %}
      <tr><th scope="row">{{ one.system }}</th><td>{{ ui.when(one.starts_at) }}</td>
        <td>{{ ui.badge("进行中", "warning") }}</td>
        <td>{% call ui.confirm("/console/windows/" ~ one.id ~ "/end", "结束", "结束这次维护？") %}
          {{ ui.field("reason", "原因") }}{% endcall %}</td></tr>
      {% endfor %}
    {% endcall %}
    {{ ui.pager(found.next_cursor) }}
    {% call ui.form("/console/windows", "发布") %}{{ ui.field("words", "说明") }}{% endcall %}
    {% endblock %}

``ui.html`` has: ``table``, ``pager``, ``badge(words, tone)`` (tone: success, warning, danger, info,
plain), ``form`` (POST, CSRF inside), ``search`` (GET), ``confirm`` (a question without script),
``field``, ``area``, ``select``, ``checks``, ``facts`` (pairs), ``when``, ``day``, ``empty``,
``card``. Charts are functions: ``{{ bar_chart("每日调用", [("11-24", 120)], unit="次") }}`` and
``{{ line_chart("延迟", [("10:00", 12.5)], unit="毫秒") }}``, an SVG with its table.
``call.render(…, title=…, crumbs=(("接入系统", "/console/systems"),))`` overrides the title and puts
steps between 首页 and it. A file download is any ``HTTPResponse``. Files come by
``call.form.file("manifest")`` with ``{% call ui.form(action, "上传", files=True) %}``.
"""
