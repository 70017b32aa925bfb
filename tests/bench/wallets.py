"""Realistic wallets: eight licences of six issuers, with names, streets and numbers all drawn."""

import random
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from backend.exchange.service import Manifest, ProviderSystem
from backend.numbers.service import Holder, make_id_number, make_identifier
from backend.sandbox.departments.registry import Department, departments
from backend.upstream.connector import Target
from backend.upstream.signing import SigningKey

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉萍红建国梅志文俊宇晨欣怡嘉浩然子涵"
_PLACES = {
    "440106": "广州市天河区", "440103": "广州市荔湾区", "440304": "深圳市福田区",
    "440606": "佛山市顺德区", "441302": "惠州市惠城区", "440402": "珠海市香洲区",
    "440507": "汕头市龙湖区", "440802": "湛江市赤坎区", "441202": "肇庆市端州区",
}  # fmt: skip
_STREETS = "中山解放人民建设和平文昌东风环市龙津景田莲花红荔体育天寿黄埔沿江新港昌岗南华同福宝岗"
TYPES = (
    "居民身份证", "机动车驾驶证", "机动车行驶证", "社会保障卡",
    "医保电子凭证", "结婚证", "不动产权证书", "出生医学证明",
)  # fmt: skip


def systems() -> list[ProviderSystem]:
    """The sandbox's departments as registered systems; none of them can be called."""
    return [_system(found.checked_manifest("http://h", _key(found))) for found in departments()]


def _key(found: Department) -> str:
    return SigningKey.from_seed(found.key_id, bytes([1]) * 32, found.key_alg).public_base64


def _system(manifest: Manifest) -> ProviderSystem:
    return ProviderSystem(manifest, Target(manifest.system.code, "http://h", {}, {}, 1.0, 1))


class Wallets:
    """Draws wallets; the same seed gives the same ones."""

    def __init__(self, seed: int, issuers: list[ProviderSystem], as_of: str) -> None:
        self._random, self._issuers, self._as_of = random.Random(seed), issuers, as_of
        self._kinds = {
            kind.name: (system, kind)
            for system in issuers
            for kind in system.manifest.licence_types
        }

    def draw(self) -> tuple[Holder, dict[str, dict[str, Any]]]:
        """A holder and the answer of each issuer (by system code) about them."""
        county = self._random.choice(list(_PLACES))
        number = make_id_number(
            county, date.fromisoformat(self._day(1950, 2005)), self._below(1000)
        )
        holder = Holder("111", number, self._name())
        answers: dict[str, dict[str, Any]] = {
            system.code: {"revision": 1 + self._below(50), "as_of": self._as_of, "licences": []}
            for system in self._issuers
            if any(kind.audience == "citizen" for kind in system.manifest.licence_types)
        }
        for name in TYPES:
            system, _ = self._kinds[name]
            answers[system.code]["licences"].append(self._licence(name, holder, county))
        return holder, answers

    def stream(self, count: int) -> Iterator[tuple[Holder, dict[str, dict[str, Any]]]]:
        """So many of them."""
        for _ in range(count):
            yield self.draw()

    def _licence(self, name: str, holder: Holder, county: str) -> dict[str, Any]:
        system, kind = self._kinds[name]
        issuer = system.manifest.system.department
        issued = self._day(2008, 2025)
        serial = f"{issued[:4]}{self._below(10**10):010d}01"
        own_number = name in ("居民身份证", "机动车驾驶证", "社会保障卡")
        return {
            "licence_identifier": make_identifier(kind.code, issuer.uscc, serial),
            "licence_type_code": kind.code,
            "licence_name": kind.name,
            "licence_number": holder.code if own_number else self._number(name, county),
            "licence_version": "001",
            "issuer_name": issuer.name,
            "issuer_code": issuer.uscc,
            "issue_date": issued,
            "valid_from": issued,
            "valid_to": None if len(kind.fields) % 2 else self._day(2027, 2040),
            "region_code": county,
            "holder_name": holder.name,
            "holder_code": holder.code,
            "holder_code_type": holder.code_type,
            "status": "VALID",
            "extend_info": {spec.name: self._fact(spec.name, county) for spec in kind.fields},
        }

    def _number(self, name: str, county: str) -> str:
        if name == "不动产权证书":
            return f"粤(2019){_PLACES[county][:3]}不动产权第{self._below(10**7):07d}号"
        if name == "机动车行驶证":
            return f"粤A{self._below(36**5):05d}"[:7]
        return f"J{county}-2018-{self._below(10**6):06d}"

    def _fact(self, name: str, county: str) -> str:
        place = _PLACES[county]
        drawn: Callable[[], str] | None = {
            "sex": lambda: self._random.choice("男女"),
            "ethnicity": lambda: self._random.choice(["汉族", "汉族", "壮族", "瑶族"]),
            "address": lambda: self._address(county),
            "location": lambda: self._address(county),
            "issuing_office": lambda: f"{place[:3]}公安局{place[3:]}分局",
            "classes": lambda: self._random.choice(["C1", "C2", "B2", "A1"]),
            "vehicle_type": lambda: "小型轿车",
            "model": lambda: f"{self._random.choice(_GIVEN)}牌SX{self._below(10**4)}",
            "vin": lambda: f"LSSX{self._below(10**13):013d}",
            "bank": lambda: self._random.choice(["中国工商银行", "中国建设银行", "招商银行"]),
            "card_status": lambda: "正常",
            "insurance_kind": lambda: "职工基本医疗保险",
            "insured_region": lambda: f"广东省{place[:3]}",
            "state": lambda: "正常参保",
            "registry": lambda: f"广东省{place}民政局婚姻登记处",
            "hospital": lambda: f"{place[:3]}妇幼保健院",
            "unit_number": lambda: f"{county}{self._below(10**19):019d}GB",
            "area": lambda: f"{self._below(20000) / 100:.2f}",
            "use": lambda: "住宅",
            "ownership": lambda: self._random.choice(["单独所有", "共同共有"]),
            "file_number": lambda: f"{county[:4]}{self._below(10**8):08d}",
            "card_number": lambda: f"{self._below(10**9):09d}",
        }.get(name)
        if drawn is not None:
            return drawn()
        return self._name() if name in _PEOPLE else self._day(1980, 2030)

    def _address(self, county: str) -> str:
        street = "".join(self._random.sample(_STREETS, 3))
        house, block = self._below(300) + 1, self._below(30) + 1
        room = f"{self._below(30) + 1}0{self._below(9) + 1}"
        return f"广东省{_PLACES[county]}{street}街道{street[:2]}路{house}号{block}栋{room}房"

    def _name(self) -> str:
        given = self._random.sample(_GIVEN, self._random.choice([1, 2, 2]))
        return self._random.choice(_SURNAMES) + "".join(given)

    def _day(self, first: int, last: int) -> str:
        year = first + self._below(last - first + 1)
        return f"{year}-{1 + self._below(12):02d}-{1 + self._below(28):02d}"

    def _below(self, limit: int) -> int:
        return self._random.randrange(limit)


_PEOPLE = frozenset({"husband", "wife", "child", "mother", "father"})
