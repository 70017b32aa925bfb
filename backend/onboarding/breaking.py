"""Changes that would break applications and grants under way.

Someone may be half-way through a form, hold a licence in the wallet, or have a grant for a field.
What a new revision takes away from them is named before it is approved, and whoever approves says
that they have seen each of these lines and why it is right nevertheless.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.exchange.service import OPERATION_NAMES, Key, Manifest
from backend.onboarding.diff import Content

_SHARE_NONE = 3


@dataclass(frozen=True, slots=True)
class Breaking:
    """A change that breaks something.

    Attributes:
        id: stable for the same change, by which it is acknowledged.
        place: JSON pointer of the element, parts of lists by their names.
        message: what is taken away and whom it hits, in Chinese.
    """

    id: str
    place: str
    message: str

    def as_dict(self) -> dict[str, str]:
        """For answers."""
        return {"id": self.id, "place": self.place, "message": self.message}


def breaking_changes(before: Content | None, after: Content) -> list[Breaking]:
    """What the step from one to the other would break; nothing when nothing was published."""
    if before is None:
        return []
    old, new = before.manifest, after.manifest
    return [
        *_operations(old, new),
        *_licence_types(old, new),
        *_sections(old, new),
        *_data_resources(old, new),
        *_items(before, after),
    ]


def keys_ended(in_service: Sequence[Key], after: Content) -> list[Breaking]:
    """Keys that count now and would no more, among them those added since the last revision."""
    return [
        _found(
            "key_dropped",
            f"/keys/{key.id}",
            f"密钥 {key.id} 正在使用，这一版没有列出它，发布后即停用，用它签名的呼叫将被拒绝",
        )
        for key in in_service
        if after.manifest.key(key.id) is None
    ]


def _found(kind: str, place: str, message: str) -> Breaking:
    return Breaking(f"{kind}:{place}", place, message)


def _operations(old: Manifest, new: Manifest) -> Iterator[Breaking]:
    for name in old.operations:
        if name not in new.operations:
            label = OPERATION_NAMES.get(name, name)
            message = f"不再提供接口“{label}”（{name}），正在调用它的页面和系统将没有数据"
            yield _found("operation_dropped", f"/operations/{name}", message)


def _licence_types(old: Manifest, new: Manifest) -> Iterator[Breaking]:
    for kind in old.licence_types:
        place, now = f"/licence_types/{kind.code}", new.licence_type(kind.code)
        if now is None:
            message = f"不再签发证照“{kind.name}”，群众卡包中已有的将不能更新"
            yield _found("licence_type_dropped", place, message)
            continue
        names = {field.name for field in now.fields}
        for field in kind.fields:
            if field.name not in names:
                message = f"证照“{kind.name}”去掉证面信息项“{field.label}”"
                yield _found("licence_field_dropped", f"{place}/fields/{field.name}", message)
        if now.holder_code_type != kind.holder_code_type:
            message = f"证照“{kind.name}”的持证主体代码类型改变，已有的证照将查不到"
            yield _found("licence_holder_changed", f"{place}/holder_code_type", message)


def _sections(old: Manifest, new: Manifest) -> Iterator[Breaking]:
    kept = {section.code for section in new.sections}
    for section in old.sections:
        if section.code not in kept:
            message = f"首页板块“{section.title}”将不再显示"
            yield _found("section_dropped", f"/sections/{section.code}", message)


def _data_resources(old: Manifest, new: Manifest) -> Iterator[Breaking]:
    for resource in old.data_resources:
        place = f"/data_resources/{resource.code.replace('/', '~1')}"
        now = new.data_resource(resource.code)
        if now is None:
            message = f"不再提供数据资源“{resource.name}”，已有的授权将失效"
            yield _found("resource_dropped", place, message)
            continue
        if now.share_type == _SHARE_NONE != resource.share_type:
            message = f"数据资源“{resource.name}”改为不予共享，已有的授权将失效"
            yield _found("resource_closed", f"{place}/share_type", message)
        for item in resource.items:
            same = now.item(item.name)
            if same is None:
                message = f"数据资源“{resource.name}”去掉信息项“{item.label}”"
                yield _found("resource_field_dropped", f"{place}/items/{item.name}", message)
            elif same.type != item.type:
                message = (
                    f"数据资源“{resource.name}”信息项“{item.label}”的类型"
                    f"由 {item.type} 改为 {same.type}"
                )
                yield _found("resource_field_type", f"{place}/items/{item.name}/type", message)
        for kind in resource.subject_code_types:
            if kind not in now.subject_code_types:
                message = f"数据资源“{resource.name}”不再能按主体代码类型 {kind} 查询"
                yield _found("resource_subject_dropped", f"{place}/subject_code_types", message)


def _items(before: Content, after: Content) -> Iterator[Breaking]:
    for code, old in before.items.items():
        place, new = f"/service_items/{code}", after.items.get(code)
        name = old.get("task_name", code)
        if new is None:
            message = f"事项“{name}”将下线，正在办理的申请受影响"
            yield _found("item_dropped", place, message)
        elif old.get("form"):
            yield from _form(str(name), f"{place}/form", old["form"], new.get("form"))


def _form(
    item: str, place: str, old: Mapping[str, Any], new: Mapping[str, Any] | None
) -> Iterator[Breaking]:
    if new is None:
        yield _found("form_dropped", place, f"事项“{item}”去掉了申请表单，已保存的草稿将作废")
        return
    were, are = old["schema"]["properties"], new["schema"]["properties"]
    needed = set(new["schema"].get("required", ())) - set(old["schema"].get("required", ()))
    for name, field in were.items():
        label, at = field.get("title", name), f"{place}/{name}"
        if name not in are:
            message = f"事项“{item}”的表单去掉了字段“{label}”，已填写的内容将丢失"
            yield _found("form_field_dropped", at, message)
        else:
            yield from _field(item, label, at, field, are[name])
    for name in sorted(needed):
        label = are[name].get("title", name)
        message = f"事项“{item}”的表单字段“{label}”变为必填，已保存的草稿须补填"
        yield _found("form_field_required", f"{place}/{name}/required", message)


def _field(
    item: str, label: str, place: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Breaking]:
    if old.get("type") != new.get("type") or old.get("format") != new.get("format"):
        message = (
            f"事项“{item}”的表单字段“{label}”的类型由 {_kind(old)} 改为 {_kind(new)}，"
            "已填写的内容可能不再有效"
        )
        yield _found("form_field_type", f"{place}/type", message)
    gone = [value for value in old.get("enum", ()) if value not in new.get("enum", (value,))]
    if gone:
        values = "、".join(str(value) for value in gone)
        message = f"事项“{item}”的表单字段“{label}”不再有选项 {values}"
        yield _found("form_option_dropped", f"{place}/enum", message)


def _kind(field: Mapping[str, Any]) -> str:
    kind = field.get("type", "任意")
    words = "、".join(str(one) for one in kind) if isinstance(kind, list) else str(kind)
    return f"{words}（{field['format']}）" if "format" in field else words
