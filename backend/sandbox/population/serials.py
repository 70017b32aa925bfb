"""Numbers of things, made from a person's index so that no two are alike.

Like the people's own numbers they obey their standards and stand for nothing real.
"""

from datetime import date

from backend.numbers.service import make_uscc
from backend.sandbox.population.people import Sex

_PHONES_FROM, _PHONES = 19_900_000_000, 100_000_000
# No I and O on plates; no I, O and Q in vehicle numbers.
_PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_ELECTRIC_FIRST = "DABCE"
_PLATE_PLACES = tuple((a, b) for a in range(5) for b in range(a + 1, 5))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", [*range(1, 9), 1, 2, 3, 4, 5, 7, 9, *range(2, 10)],
               strict=True)),
}  # fmt: skip
_VIN_YEARS = "123456789ABCDEFGHJKLMNPRSTVWXY"
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_KINDS = {"enterprise": "1", "individual": "2", "cooperative": "3"}


def phone_number(index: int) -> str:
    """A mobile number; a hundred million in one run, which looks as if it were reserved."""
    return str(_PHONES_FROM + index % _PHONES)


def plate(index: int, letter: str, *, electric: bool) -> str:
    """号牌号码 (GA 36): five characters behind the city's letter, six for new energy.

    Unique below 5.7 million (new energy: 1.2 million).
    """
    if electric:
        rest, tail = divmod(index, 10_000)
        rest, second = divmod(rest, len(_PLATE_LETTERS))
        return f"粤{letter}{_ELECTRIC_FIRST[rest % 5]}{_PLATE_LETTERS[second]}{tail:04d}"
    rest, digits = divmod(index, 1000)
    rest, first = divmod(rest, len(_PLATE_LETTERS))
    rest, second = divmod(rest, len(_PLATE_LETTERS))
    places = _PLATE_PLACES[rest % len(_PLATE_PLACES)]
    body = list(f"{digits:03d}")
    body.insert(places[0], _PLATE_LETTERS[first])
    body.insert(places[1], _PLATE_LETTERS[second])
    return f"粤{letter}{''.join(body)}"


def vehicle_number(index: int, year: int) -> str:
    """车辆识别代号 (GB 16735): 17 characters, the ninth is the check, the tenth the year.

    ``LSX`` stands for a maker of the sandbox.
    """
    high, low = divmod(index, 1_000_000)
    year_code = _VIN_YEARS[(year - 2001) % len(_VIN_YEARS)]
    front, back = f"LSX{high % 100_000:05d}", f"{year_code}A{low:06d}"
    pairs = zip(f"{front}0{back}", _VIN_WEIGHTS, strict=True)
    rest = sum(_VIN_VALUES[char] * weight for char, weight in pairs) % 11
    return f"{front}{'X' if rest == 10 else rest}{back}"


def file_number(index: int, city: str) -> str:
    """档案编号 of a driver: the city and eight digits."""
    return f"{city[:4]}{index % 100_000_000:08d}"


def property_numbers(index: int, county: str, city_name: str, acquired: date) -> tuple[str, str]:
    """不动产权证号 and 不动产单元号 (28 characters: place, parcel, building and unit)."""
    certificate = f"粤({acquired.year}){city_name}不动产权第{index % 10_000_000:07d}号"
    unit = f"{county}001{index // 10_000_000 % 1000:03d}GB{index % 100_000:05d}F{index:08d}"
    return certificate, unit


def enterprise_code(index: int, kind: str, county: str) -> str:
    """A valid 统一社会信用代码 with an organisation code that begins in a way no real one does."""
    body = ""
    rest = index
    for _ in range(6):
        rest, digit = divmod(rest, len(_USCC_ALPHABET))
        body = _USCC_ALPHABET[digit] + body
    return make_uscc("9", _USCC_KINDS[kind], county, f"YX{body}")


def permit_sequence(turn: int, sex: Sex) -> int:
    """Sequence number for those whose numbers carry no county: 490 turns for each sex.

    With the turns of one sort some 22,000 people apart, two of them meet only beyond ten million.
    """
    return 2 * (turn % 490) + (sex == "男")
