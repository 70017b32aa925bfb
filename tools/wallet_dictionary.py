"""Writes the preset dictionary with which wallets are compressed (``backend/wallet/blobs.py``).

``python -m tools.wallet_dictionary`` puts one licence of every type of the home province, with
typical values, into a wallet and writes down how that looks. Stored wallets need the dictionary
that they were made with: give a changed one the next number.
"""

import sys
from pathlib import Path

from backend.exchange.service import LicenceTypeSpec, Manifest, ProviderSystem
from backend.sandbox.departments.registry import departments
from backend.upstream.connector import Target
from backend.wallet.blobs import DICTIONARY, compact
from backend.wallet.entries import Contents, Licence, LicenceStatus, Part
from backend.wallet.view import view_of

FOLDER = Path(__file__).resolve().parents[1] / "backend" / "wallet" / "dictionaries"
NOW = 1_790_000_000
_KEY = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
_ADDRESS = "广东省深圳市福田区广东省广州市天河区街道路号栋单元房"
_TYPICAL = {
    "sex": "男",
    "ethnicity": "汉族",
    "birth_date": "1980-01-01",
    "born_on": "2020-01-01",
    "address": _ADDRESS,
    "location": _ADDRESS,
    "home_region": "湖南省湖北省广西壮族自治区四川省",
    "issuing_office": "深圳市公安局福田分局广州市公安局天河分局",
    "classes": "C1",
    "vehicle_type": "小型轿车小型普通客车",
    "bank": "中国工商银行中国建设银行中国农业银行中国银行",
    "card_status": "正常",
    "insurance_kind": "城乡居民基本医疗保险职工基本医疗保险",
    "insured_region": "广东省广州市",
    "state": "正常参保",
    "registry": "广东省广州市天河区民政局婚姻登记处",
    "hospital": "广州市妇幼保健院人民医院",
    "use": "住宅",
    "ownership": "单独所有",
    "kind": "个体工商户有限责任公司",
    "registrar": "市场监督管理局",
    "business_form": "餐饮服务经营者食品销售经营者",
    "items": "预包装食品销售;热食类食品制售",
}


def build() -> bytes:
    """The dictionary: a wallet's list, then its contents, which is the order of a stored one."""
    systems = [_system(found.checked_manifest("http://h", _KEY)) for found in departments()]
    contents = Contents("0123456789ab", {system.code: _part(system) for system in systems})
    listed = view_of(contents, systems, NOW).as_json()
    return listed + compact(contents)


def _system(manifest: Manifest) -> ProviderSystem:
    return ProviderSystem(manifest, Target(manifest.system.code, "http://h", {}, {}, 1.0, 1))


def _part(system: ProviderSystem) -> Part:
    kinds = system.manifest.licence_types
    return Part(1, NOW, NOW, tuple(_licence(system, kind) for kind in kinds))


def _licence(system: ProviderSystem, kind: LicenceTypeSpec) -> Licence:
    issuer = system.manifest.system.department
    return Licence(
        id="A",
        type_code=kind.code,
        name=kind.name,
        issuer_name=issuer.name,
        issuer_code=issuer.uscc,
        region_code="440100",
        holder_name="张三",
        holder_code="4401",
        holder_code_type=kind.holder_code_type,
        status=LicenceStatus.VALID,
        version="001",
        identifier=f"1.2.156.3005.2.{kind.code}.{issuer.uscc}.202000000.001.A",
        number="440***********",
        issue_date="2020-01-01",
        valid_from="2020-01-01",
        valid_to="2030-01-01" if len(kind.fields) % 2 else None,
        fields={spec.name: _TYPICAL.get(spec.name, "20") for spec in kind.fields},
    )


def main() -> None:
    """Write the file of the present number."""
    path = FOLDER / f"{DICTIONARY}.txt"
    path.write_bytes(build())
    sys.stdout.write(f"{path}: {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
