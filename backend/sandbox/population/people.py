"""The people of the sandbox province, as every department loads them.

Plain values only: a department copies what it needs into its own tables. All amounts, addresses and
names are invented; all numbers obey their standards and belong to nobody.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Sex = Literal["男", "女"]
IdType = Literal["111", "553"]
Status = Literal["alive", "deceased"]
LicenceLoad = Literal["normal", "none", "many"]
EnterpriseKind = Literal["enterprise", "individual", "cooperative"]
EnterpriseStatus = Literal["存续", "吊销", "注销"]


@dataclass(frozen=True, slots=True)
class Job:
    """Present employment.

    Attributes:
        employer_index: index of the enterprise; None when the employer is a public body.
        employer_name: full name of the employer.
        employer_uscc: its 统一社会信用代码.
        since: first day of work; social insurance and the housing fund are paid from this month.
        monthly_salary: contribution base in yuan a month.
    """

    employer_index: int | None
    employer_name: str
    employer_uscc: str
    since: date
    monthly_salary: int


@dataclass(frozen=True, slots=True)
class Car:
    """A car registered to the person.

    Attributes:
        plate: 号牌号码, like ``粤A12345`` or ``粤BD12345`` (new energy).
        vin: 车辆识别代号, 17 characters with the check digit of GB 16735.
        engine_number: printed on the 行驶证.
        model: 品牌型号.
        vehicle_type: 车辆类型, like ``小型轿车``.
        electric: whether it carries a new-energy plate.
        registered_on: 注册日期.
    """

    plate: str
    vin: str
    engine_number: str
    model: str
    vehicle_type: str
    electric: bool
    registered_on: date


@dataclass(frozen=True, slots=True)
class Driver:
    """A driving licence; its number is the person's id number.

    Attributes:
        vehicle_class: 准驾车型, like ``C1``.
        first_issued: 初次领证日期.
        valid_from: first day of the present term (6 or 10 years, or long-term).
        valid_to: last day of the present term; None means 长期.
        file_number: 档案编号, 12 digits.
    """

    vehicle_class: str
    first_issued: date
    valid_from: date
    valid_to: date | None
    file_number: str


@dataclass(frozen=True, slots=True)
class Property:
    """A home that the person owns (the only owner on the certificate).

    Attributes:
        certificate_number: 不动产权证号.
        unit_number: 不动产单元号, 28 characters.
        region_code: street where it lies.
        address: 坐落.
        area_m2: floor area in square metres, two decimals.
        usage: 用途, like ``住宅``.
        acquired_on: day of registration.
    """

    certificate_number: str
    unit_number: str
    region_code: str
    address: str
    area_m2: float
    usage: str
    acquired_on: date


@dataclass(frozen=True, slots=True)
class Person:
    """One person. References to others are indexes of the same household.

    Attributes:
        index: position in the stream, from 0.
        name: as on the identity document.
        id_number: the number in force. Older numbers of the same person are in
            ``previous_numbers``: a register asked for one of those answers "replaced".
        id_type: 证件类型代码: ``111`` citizen's number (81/82/83 residence permits too), ``553``
            foreign permanent resident with a number of 18 digits.
        sex: 男 or 女.
        birth: day of birth.
        ethnicity: 民族 (``汉``, ``壮``…); for ``553`` the country's Chinese name.
        phone: mainland mobile number of 11 digits, unique in the population; None: has none.
        region_code: street of the home, 9 digits.
        address: of the home.
        status: alive or deceased.
        previous_numbers: numbers that were replaced, oldest first; mostly empty.
        face_ok: False: a photo never passes the face comparison.
        spouse_index: of the living or deceased spouse.
        marriage: day of the wedding; with ``spouse_index`` always.
        parent_indexes: father and mother where they belong to the household.
        job: present employment.
        retired_on: first day of the pension; None when not retired.
        car: at most one.
        driver: driving licence.
        home: a home owned by this person.
        residence_permit: holds a 居住证 (registered elsewhere than where they live).
        licence_load: ``none``: no department has a licence of this person; ``many``: together
            they have 30.
    """

    index: int
    name: str
    id_number: str
    id_type: IdType
    sex: Sex
    birth: date
    ethnicity: str
    phone: str | None
    region_code: str
    address: str
    status: Status = "alive"
    previous_numbers: tuple[str, ...] = ()
    face_ok: bool = True
    spouse_index: int | None = None
    marriage: date | None = None
    parent_indexes: tuple[int, ...] = ()
    job: Job | None = None
    retired_on: date | None = None
    car: Car | None = None
    driver: Driver | None = None
    home: Property | None = None
    residence_permit: bool = False
    licence_load: LicenceLoad = "normal"


@dataclass(frozen=True, slots=True)
class Enterprise:
    """One 商事主体, carried by the household of its legal representative.

    Attributes:
        index: from 0.
        uscc: 统一社会信用代码 (GB 32100).
        name: full registered name.
        kind: company, 个体工商户 or 农民专业合作社.
        status: 存续, 吊销 or 注销.
        legal_representative: the person (legal representative or operator).
        staff_indexes: everyone whose ``job.employer_index`` is this enterprise, ascending; they
            may belong to other households.
        region_code: county of registration, 6 digits (东莞 and 中山: the city).
        address: 住所.
        established_on: 成立日期.
        registered_capital: in 万元; None for 个体工商户.
        industry_code: GB/T 4754 class, like ``F5212``.
        industry_name: its Chinese name.
        food_licence: holds a 食品经营许可证.
    """

    index: int
    uscc: str
    name: str
    kind: EnterpriseKind
    status: EnterpriseStatus
    legal_representative: Person
    staff_indexes: tuple[int, ...]
    region_code: str
    address: str
    established_on: date
    registered_capital: int | None
    industry_code: str
    industry_name: str
    food_licence: bool


@dataclass(frozen=True, slots=True)
class Household:
    """People who live together, and the enterprises that one of them represents.

    Attributes:
        index: position in the stream, from 0.
        region_code: street, 9 digits.
        address: of the home.
        people: in order of index.
        enterprises: in order of index; mostly empty.
    """

    index: int
    region_code: str
    address: str
    people: tuple[Person, ...]
    enterprises: tuple[Enterprise, ...] = ()
