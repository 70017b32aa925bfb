"""The catalogue of data resources (数据目录), read from the manifests of the registered systems.

It is kept in memory and made again when a registration changed. A few thousand resources are
searched by looking at each: that takes a millisecond or two, and finds any part of a word.
"""

import csv
import hashlib
import io
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from backend.catalogue.service import pinyin_full, pinyin_initials
from backend.exchange.service import (
    ITEM_FITS,
    DataItem,
    DataResourceSpec,
    Exchange,
    LicenceTypeSpec,
    ProviderSystem,
    ShareConditions,
)
from backend.sharing.errors import CursorRefused, ResourceUnknown

_MOST_PLANS = 100

SHARE_TYPES = {1: "无条件共享", 2: "有条件共享", 3: "不予共享"}
CYCLES = {
    "realtime": "实时", "daily": "每日", "weekly": "每周", "monthly": "每月",
    "quarterly": "每季度", "yearly": "每年", "on_demand": "按需",
}  # fmt: skip
MODES = {"interface": "服务接口", "batch": "批量交换", "file": "文件下载"}
CATEGORIES = {"base": "基础信息资源", "theme": "主题信息资源", "department": "部门信息资源"}
OPENINGS = {"unconditional": "无条件开放", "conditional": "有条件开放", "disallowed": "不予开放"}
FORMATS = {"database": "数据库", "spreadsheet": "电子表格", "text": "文本", "image": "图像",
           "stream": "流媒体"}  # fmt: skip


Plan = Sequence[tuple[str, Callable[[Any], bool], bool]]


@dataclass(frozen=True, slots=True)
class Resource:
    """A data resource with the system that has it."""

    spec: DataResourceSpec
    system: ProviderSystem
    _plans: dict[tuple[str, ...], Plan] = field(default_factory=dict, compare=False, repr=False)

    def plan(self, fields: Sequence[str]) -> Plan:
        """For each of these data items: its name, what its values look like, whether it must be.

        Worked out once for each choice of fields, of which a resource sees a handful.
        """
        chosen = tuple(fields)
        plan = self._plans.get(chosen)
        if plan is None:
            items = [item for name in chosen if (item := self.spec.item(name)) is not None]
            plan = [(item.name, ITEM_FITS[item.type], item.required) for item in items]
            if len(self._plans) < _MOST_PLANS:
                self._plans[chosen] = plan
        return plan

    @property
    def provider_uscc(self) -> str:
        """USCC of the department that provides it."""
        return self.system.manifest.system.department.uscc

    @property
    def provider_name(self) -> str:
        """Name of the department that provides it."""
        return self.system.manifest.system.department.name


@dataclass(frozen=True, slots=True)
class Filters:
    """Which resources a list shows; None leaves a filter out.

    Attributes:
        text: Chinese words, pinyin or initials.
        provider: code of a system, or of its department.
    """

    text: str | None = None
    provider: str | None = None
    share_type: int | None = None
    category: str | None = None
    mode: str | None = None


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """A page of resources."""

    resources: Sequence[Resource]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class _Entry:
    resource: Resource
    # (text, weight), best first: a word counts where it is found first.
    texts: tuple[tuple[str, float], ...]
    pinyin: tuple[tuple[str, float], ...]


class DataCatalogue:
    """Finds resources."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._generation: object = None
        self._by_code: dict[str, Resource] = {}
        self._entries: tuple[_Entry, ...] = ()
        self._by_type: dict[str, Resource] = {}
        self._licence_codes: frozenset[str] = frozenset()
        self._tag = ""

    @property
    def tag(self) -> str:
        """Another text after each change of the catalogue."""
        self._refresh()
        return self._tag

    def get(self, code: str) -> Resource:
        """The resource of that code, as it is written or as it stands in addresses.

        Raises:
            ResourceUnknown: there is none.
        """
        self._refresh()
        found = self._by_code.get(code)
        if found is None:
            raise ResourceUnknown
        return found

    def of_licence_type(self, type_code: str) -> Resource:
        """A licence type as a resource that can be applied for.

        Raises:
            ResourceUnknown: no such type.
        """
        self._refresh()
        found = self._by_type.get(type_code)
        if found is None:
            raise ResourceUnknown
        return found

    def is_licence(self, code: str) -> bool:
        """Whether a resource stands for a licence type: its records are licences."""
        self._refresh()
        return code in self._licence_codes

    def find(self, code: str) -> Resource | None:
        """The resource of that code, or None."""
        self._refresh()
        return self._by_code.get(code)

    def name_of(self, code: str) -> str:
        """The name of a resource; its code where it is in the catalogue no more."""
        self._refresh()
        found = self._by_code.get(code)
        return found.spec.name if found is not None else code

    def all(self) -> list[Resource]:
        """Every resource, ordered by code."""
        self._refresh()
        return [entry.resource for entry in self._entries]

    def page(self, filters: Filters, cursor: str | None, limit: int) -> ResourcePage:
        """A page of the resources that fit, the best first, then by code.

        Raises:
            CursorRefused: the cursor is not one of this list.
        """
        self._refresh()
        found = self._found(filters)
        start = _start(cursor, filters, len(found))
        page = found[start : start + limit]
        more = start + limit < len(found)
        return ResourcePage(page, f"{start + limit}.{_mark(filters)}" if more else None, len(found))

    def _found(self, filters: Filters) -> list[Resource]:
        entries = [entry for entry in self._entries if _fits(entry.resource, filters)]
        words = _normal(filters.text or "").split()
        if not words:
            return [entry.resource for entry in entries]
        scored = []
        for place, entry in enumerate(entries):
            weights = [_weight(entry, word) for word in words]
            if all(weights):
                scored.append((-sum(weights), place, entry.resource))
        scored.sort(key=lambda each: each[:2])
        return [resource for _, _, resource in scored]

    def _refresh(self) -> None:
        generation = self._exchange.generation
        if generation is self._generation:
            return
        found = [
            Resource(spec, system)
            for system in self._exchange.systems()
            for spec in system.manifest.data_resources
        ]
        found.sort(key=lambda resource: (resource.spec.code, resource.system.code))
        by_code: dict[str, Resource] = {}
        for resource in found:
            by_code.setdefault(resource.spec.code, resource)
            by_code.setdefault(resource.spec.address_code, resource)
        by_type: dict[str, Resource] = {}
        for system in self._exchange.systems():
            for kind in system.manifest.licence_types:
                by_type.setdefault(kind.code, Resource(licence_resource(kind), system))
        # Not in the lists: a department says in its own catalogue what it wants found there.
        for resource in by_type.values():
            by_code.setdefault(resource.spec.code, resource)
            by_code.setdefault(resource.spec.address_code, resource)
        self._by_code, self._by_type = by_code, by_type
        self._licence_codes = frozenset(
            code
            for resource in by_type.values()
            for code in (resource.spec.code, resource.spec.address_code)
        )
        self._entries = tuple(_entry(resource) for resource in found)
        self._tag = hashlib.blake2b(
            orjson.dumps([resource_document(resource) for resource in found]), digest_size=12
        ).hexdigest()
        self._generation = generation


def licence_resource(kind: LicenceTypeSpec) -> DataResourceSpec:
    """A licence type as a data resource: 基础信息资源, 项 05 电子证照, shared on conditions.

    The 顺序码 is made from the type's code, so that it stays the same wherever it is made.
    """
    digest = hashlib.blake2b(kind.code.encode(), digest_size=8).digest()
    fields = {name: (label, 3 if personal else 2) for name, label, personal in _STANDARD_ITEMS}
    fields.update({each.name: (each.label, 3 if each.sensitive else 2) for each in kind.fields})
    personal = kind.audience == "citizen"
    kinds = sorted({kind.holder_code_type, "111", "553"}) if personal else ["001"]
    return DataResourceSpec(
        code=f"105001/{int.from_bytes(digest) % 10**10:010d}",
        name=kind.name,
        summary=f"{kind.definer.name}定义的{kind.name}(证照类型代码 {kind.code})",
        category="base", format="text", share_type=2,
        share_conditions=ShareConditions(
            scope="依法履职的政务部门", use="办理政务服务事项时查验证照",
            terms="限授权的信息项、用途和办件；每次使用告知持证人",
        ),
        share_ground=None, share_modes=["interface"], update_cycle="realtime",
        open_type="disallowed", classification="general", level=3,
        subject_code_types=kinds,
        items=[
            DataItem(name=name, label=label, type="text", level=level, required=False)
            for name, (label, level) in fields.items()
        ],
    )  # fmt: skip


_STANDARD_ITEMS = (
    ("holder_name", "持证主体", True), ("licence_number", "证照编号", True),
    ("issue_date", "颁发日期", False), ("valid_from", "有效期起", False),
    ("valid_to", "有效期止", False),
)  # fmt: skip


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _entry(resource: Resource) -> _Entry:
    spec, system = resource.spec, resource.system
    texts = (
        (spec.name, 8.0),
        (" ".join(spec.keywords), 6.0),
        (spec.code, 6.0),
        (" ".join(item.label for item in spec.items), 3.0),
        (f"{resource.provider_name} {system.short_name} {system.code}", 2.0),
        (spec.summary, 1.0),
    )
    spoken = [spec.name, *spec.keywords, system.short_name]
    full = " ".join(reading for words in spoken for reading in pinyin_full(words))
    short = " ".join(pinyin_initials(words) for words in spoken)
    return _Entry(
        resource,
        tuple((_normal(text), weight) for text, weight in texts),
        ((full.lower(), 4.0), (short.lower(), 3.0)),
    )


def _weight(entry: _Entry, word: str) -> float:
    for text, weight in entry.texts:
        if word in text:
            return weight
    if word.isascii():
        for text, weight in entry.pinyin:
            if word in text:
                return weight
    return 0.0


def _fits(resource: Resource, filters: Filters) -> bool:
    spec, system = resource.spec, resource.system
    department = system.manifest.system.department.code
    return (
        (filters.provider is None or filters.provider in (system.code, department))
        and filters.share_type in (None, spec.share_type)
        and filters.category in (None, spec.category)
        and (filters.mode is None or filters.mode in spec.share_modes)
    )


def _mark(filters: Filters) -> str:
    words = orjson.dumps(
        [filters.text, filters.provider, filters.share_type, filters.category, filters.mode]
    )
    return hashlib.blake2b(words, digest_size=6).hexdigest()


def _start(cursor: str | None, filters: Filters, total: int) -> int:
    if cursor is None:
        return 0
    number, _, mark = cursor.partition(".")
    if not number.isdecimal() or len(number) > 6 or mark != _mark(filters) or int(number) > total:
        raise CursorRefused
    return int(number)


def resource_document(resource: Resource) -> dict[str, Any]:
    """The public part of a resource: its metadata, never an address or a record."""
    spec, system = resource.spec, resource.system
    conditions = spec.share_conditions
    return {
        "code": spec.code,
        "address_code": spec.address_code,
        "name": spec.name,
        "summary": spec.summary,
        "provider": {
            "system": system.code,
            "name": resource.provider_name,
            "uscc": resource.provider_uscc,
        },
        "category": spec.category,
        "format": spec.format,
        "share_type": spec.share_type,
        "share_conditions": conditions.model_dump() if conditions is not None else None,
        "share_ground": spec.share_ground,
        "share_modes": list(spec.share_modes),
        "update_cycle": spec.update_cycle,
        "open_type": spec.open_type,
        "classification": spec.classification,
        "level": spec.level,
        "subject_code_types": list(spec.subject_code_types),
        "items": [item.model_dump() for item in spec.items],
        "related": list(spec.related),
    }


_COLUMNS = (
    "资源代码", "名称", "摘要", "提供单位", "提供单位代码", "信息资源分类", "数据格式", "信息项",
    "共享属性", "共享方式", "共享范围", "使用用途", "共享条件", "不予共享依据", "更新周期",
    "开放属性", "数据分级",
)  # fmt: skip


def csv_lines(resources: Sequence[Resource]) -> Iterator[str]:
    """The catalogue as CSV lines with a heading, in the words of the 编制指南."""
    yield _csv(_COLUMNS)
    for resource in resources:
        spec, conditions = resource.spec, resource.spec.share_conditions
        yield _csv(
            (
                spec.code, spec.name, spec.summary, resource.provider_name,
                resource.provider_uscc, CATEGORIES[spec.category], FORMATS[spec.format],
                "、".join(item.label for item in spec.items), SHARE_TYPES[spec.share_type],
                "、".join(MODES[mode] for mode in spec.share_modes),
                conditions.scope if conditions else "", conditions.use if conditions else "",
                conditions.terms if conditions else "", spec.share_ground or "",
                CYCLES[spec.update_cycle], OPENINGS[spec.open_type], str(spec.level),
            )
        )  # fmt: skip


def _csv(cells: Sequence[str]) -> str:
    out = io.StringIO()
    # A cell that begins like a formula would be carried out by a spreadsheet.
    safe = [f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell for cell in cells]
    csv.writer(out).writerow(safe)
    return out.getvalue()
