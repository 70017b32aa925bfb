"""The three families of the cast, and the owners of its other enterprises.

The facts are written out, nothing is drawn: screens, tests and stories may count on them.
"""

from datetime import date

from backend.numbers.service import make_id_number
from backend.sandbox.population.origins import FIRST_FREE_SEQUENCE
from backend.sandbox.population.people import (
    Car,
    Driver,
    Enterprise,
    EnterpriseKind,
    EnterpriseStatus,
    Household,
    Job,
    Person,
    Property,
    Sex,
)
from backend.sandbox.population.places import place
from backend.sandbox.population.possessions import public_body
from backend.sandbox.population.serials import (
    enterprise_code,
    file_number,
    phone_number,
    plate,
    property_numbers,
    vehicle_number,
)

DEMO_PHONES = ("13800000001", "13800000002", "13800000003")
RESTAURANT, FOOD_COMPANY, SOFTWARE_COMPANY, STRUCK_OFF, COOPERATIVE = range(5)
_RESTAURANT_NAME = "东莞市莞城志强餐饮店"
_FOOD_COMPANY_NAME = "东莞市志强食品有限公司"
_SOFTWARE_COMPANY_NAME = "深圳市海蓝智能科技有限公司"
_LONG_ENTERPRISE_NAME = "广东省粤东乡村振兴农副产品冷链仓储物流配送与综合服务(汕头潮南峡山)有限公司"


def zhang_family(index: int, first: int) -> Household:
    """张建国, 68, and his wife: retired, moved from 梅州 to 广州, own their home."""
    home = place("440106010")
    address = f"{home.address}榕树街18号榕荫小区3栋502房"
    bought = date(2004, 9, 17)
    certificate, unit = property_numbers(first, "440106", "广州市", bought)
    married = date(1983, 10, 1)
    zhang = Person(
        index=first,
        name="张建国",
        id_number=_number("441402", date(1958, 3, 12), "男"),
        id_type="111",
        sex="男",
        birth=date(1958, 3, 12),
        ethnicity="汉",
        phone=DEMO_PHONES[0],
        region_code=home.street_code,
        address=address,
        spouse_index=first + 1,
        marriage=married,
        retired_on=date(2018, 4, 1),
        driver=Driver("C1", date(1996, 5, 8), date(2012, 5, 8), None, file_number(first, "440100")),
        car=_car(first, "A", date(2021, 3, 15), electric=False),
        home=Property(certificate, unit, home.street_code, address, 89.6, "住宅", bought),
        residence_permit=True,
    )
    wife = Person(
        index=first + 1,
        name="林秀珍",
        id_number=_number("441402", date(1960, 7, 25), "女"),
        id_type="111",
        sex="女",
        birth=date(1960, 7, 25),
        ethnicity="汉",
        phone=phone_number(first + 1),
        region_code=home.street_code,
        address=address,
        spouse_index=first,
        marriage=married,
        retired_on=date(2015, 8, 1),
        residence_permit=True,
    )
    return Household(index, home.street_code, address, (zhang, wife))


def li_family(index: int, first: int) -> Household:
    """李晓雯, 31, from 长沙: software tester in 深圳, married, a daughter of some weeks."""
    home = place("440305007")
    address = f"{home.address}学府路66号海棠湾8栋1203房"
    married = date(2023, 5, 20)
    hospital, hospital_code = public_body("深圳市", "440300", 0)
    li = Person(
        index=first,
        name="李晓雯",
        id_number=_number("430102", date(1995, 6, 18), "女"),
        id_type="111",
        sex="女",
        birth=date(1995, 6, 18),
        ethnicity="汉",
        phone=DEMO_PHONES[1],
        region_code=home.street_code,
        address=address,
        spouse_index=first + 1,
        marriage=married,
        job=Job(
            SOFTWARE_COMPANY,
            _SOFTWARE_COMPANY_NAME,
            _code(SOFTWARE_COMPANY, "enterprise", "440305"),
            date(2019, 7, 8),
            16_800,
        ),
        driver=Driver(
            "C2",
            date(2018, 8, 6),
            date(2024, 8, 6),
            date(2034, 8, 6),
            file_number(first, "440300"),
        ),
        car=_car(first, "B", date(2024, 1, 12), electric=True),
        residence_permit=True,
    )
    wang = Person(
        index=first + 1,
        name="王浩然",
        id_number=_number("440305", date(1993, 10, 2), "男"),
        id_type="111",
        sex="男",
        birth=date(1993, 10, 2),
        ethnicity="汉",
        phone=phone_number(first + 1),
        region_code=home.street_code,
        address=address,
        spouse_index=first,
        marriage=married,
        job=Job(None, hospital, hospital_code, date(2018, 9, 3), 14_200),
    )
    child = Person(
        index=first + 2,
        name="王梓涵",
        id_number=_number("440305", date(2026, 9, 16), "女"),
        id_type="111",
        sex="女",
        birth=date(2026, 9, 16),
        ethnicity="汉",
        phone=None,
        region_code=home.street_code,
        address=address,
        parent_indexes=(first + 1, first),
    )
    return Household(index, home.street_code, address, (li, wang, child))


def chen_family(index: int, first: int) -> Household:
    """陈志强, 44, from 潮阳: runs a restaurant and a food company in 东莞 with his wife."""
    home = place("441900006")
    address = f"{home.address}振兴路9号金桂园5栋301房"
    married = date(2010, 2, 8)
    since = date(2015, 4, 1)
    shop = _code(RESTAURANT, "individual", "441900")
    chen = Person(
        index=first,
        name="陈志强",
        id_number=_number("440513", date(1982, 4, 21), "男"),
        id_type="111",
        sex="男",
        birth=date(1982, 4, 21),
        ethnicity="汉",
        phone=DEMO_PHONES[2],
        region_code=home.street_code,
        address=address,
        spouse_index=first + 1,
        marriage=married,
        job=Job(RESTAURANT, _RESTAURANT_NAME, shop, since, 9_500),
        driver=Driver(
            "B2", date(2006, 11, 20), date(2022, 11, 20), None, file_number(first, "441900")
        ),
        car=_car(first, "S", date(2019, 6, 28), electric=False),
        residence_permit=True,
    )
    wife = Person(
        index=first + 1,
        name="黄丽华",
        id_number=_number("440513", date(1984, 12, 3), "女"),
        id_type="111",
        sex="女",
        birth=date(1984, 12, 3),
        ethnicity="汉",
        phone=phone_number(first + 1),
        region_code=home.street_code,
        address=address,
        spouse_index=first,
        marriage=married,
        job=Job(RESTAURANT, _RESTAURANT_NAME, shop, since, 6_000),
        residence_permit=True,
    )
    son = Person(
        index=first + 2,
        name="陈子轩",
        id_number=_number("441900", date(2012, 5, 30), "男"),
        id_type="111",
        sex="男",
        birth=date(2012, 5, 30),
        ethnicity="汉",
        phone=phone_number(first + 2),
        region_code=home.street_code,
        address=address,
        parent_indexes=(first, first + 1),
    )
    restaurant = Enterprise(
        index=RESTAURANT,
        uscc=shop,
        name=_RESTAURANT_NAME,
        kind="individual",
        status="存续",
        legal_representative=chen,
        staff_indexes=(first, first + 1),
        region_code="441900",
        address=f"{home.address}振兴路11号首层",
        established_on=date(2015, 3, 10),
        registered_capital=None,
        industry_code="H6210",
        industry_name="正餐服务",
        food_licence=True,
    )
    company = Enterprise(
        index=FOOD_COMPANY,
        uscc=_code(FOOD_COMPANY, "enterprise", "441900"),
        name=_FOOD_COMPANY_NAME,
        kind="enterprise",
        status="存续",
        legal_representative=chen,
        staff_indexes=(),
        region_code="441900",
        address=f"{home.address}兴业路20号A栋",
        established_on=date(2021, 8, 26),
        registered_capital=100,
        industry_code="F5121",
        industry_name="米、面制品及食用油批发",
        food_licence=True,
    )
    return Household(index, home.street_code, address, (chen, wife, son), (restaurant, company))


def software_owner(index: int, first: int) -> Household:
    """The owner of the company where 李晓雯 works, whom she is told about by index alone."""
    return _owner(
        index,
        first,
        name="周文博",
        birth=date(1984, 2, 2),
        prefix="420106",
        street="440305007",
        number=SOFTWARE_COMPANY,
        enterprise_name=_SOFTWARE_COMPANY_NAME,
        kind="enterprise",
        status="存续",
        established=date(2016, 5, 18),
        capital=1000,
        industry=("I6513", "应用软件开发"),
        colleagues=(LI_INDEX,),
    )


def struck_off_owner(index: int, first: int) -> Household:
    """The owner of an enterprise with a very long name that was struck off (吊销)."""
    return _owner(
        index,
        first,
        name="方伟雄",
        birth=date(1969, 9, 19),
        prefix="440514",
        street="440514001",
        number=STRUCK_OFF,
        enterprise_name=_LONG_ENTERPRISE_NAME,
        kind="enterprise",
        status="吊销",
        established=date(2013, 12, 1),
        capital=5000,
        industry=("G5431", "普通货物道路运输"),
    )


def cooperative_owner(index: int, first: int) -> Household:
    """The head of a farmers' cooperative."""
    return _owner(
        index,
        first,
        name="何水养",
        birth=date(1972, 1, 15),
        prefix="440825",
        street="440825001",
        number=COOPERATIVE,
        enterprise_name="徐闻县红土水果种植专业合作社",
        kind="cooperative",
        status="存续",
        established=date(2018, 3, 30),
        capital=200,
        industry=("A0153", "香蕉等亚热带水果种植"),
    )


# 李晓雯 stands behind the two people of the first family.
LI_INDEX = 2


def _owner(
    index: int,
    first: int,
    *,
    name: str,
    birth: date,
    prefix: str,
    street: str,
    number: int,
    enterprise_name: str,
    kind: EnterpriseKind,
    status: EnterpriseStatus,
    established: date,
    capital: int,
    industry: tuple[str, str],
    colleagues: tuple[int, ...] = (),
) -> Household:
    home = place(street)
    address = f"{home.address}人民路{index}号"
    code = _code(number, kind, home.county.code)
    open_ = status == "存续"
    owner = Person(
        index=first,
        name=name,
        id_number=_number(prefix, birth, "男"),
        id_type="111",
        sex="男",
        birth=birth,
        ethnicity="汉",
        phone=phone_number(first),
        region_code=street,
        address=address,
        job=Job(number, enterprise_name, code, established, 20_000) if open_ else None,
        residence_permit=prefix[:4] != street[:4],
    )
    run = Enterprise(
        index=number,
        uscc=code,
        name=enterprise_name,
        kind=kind,
        status=status,
        legal_representative=owner,
        staff_indexes=(*colleagues, first) if open_ else (),
        region_code=home.county.code,
        address=f"{home.address}人民路{index}号首层",
        established_on=established,
        registered_capital=capital,
        industry_code=industry[0],
        industry_name=industry[1],
        food_licence=False,
    )
    return Household(index, street, address, (owner,), (run,))


def _number(prefix: str, birth: date, sex: Sex) -> str:
    return make_id_number(prefix, birth, FIRST_FREE_SEQUENCE + (sex == "男"))


def _code(number: int, kind: EnterpriseKind, county: str) -> str:
    return enterprise_code(number, kind, county)


def _car(index: int, letter: str, registered: date, *, electric: bool) -> Car:
    return Car(
        plate=plate(index, letter, electric=electric),
        vin=vehicle_number(index, registered.year),
        engine_number=f"{'TZ' if electric else 'E'}{index:07d}",
        model="穗星牌SX6460BEV" if electric else "岭南牌LN7150",
        vehicle_type="小型轿车",
        electric=electric,
        registered_on=registered,
    )
