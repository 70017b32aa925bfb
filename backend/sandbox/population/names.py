"""Invented names: Han names of three generations, and other peoples' as documents write them."""

from random import Random

from backend.sandbox.population.draws import pick, spread
from backend.sandbox.population.people import Sex

_SURNAMES = spread(
    [(name, 12) for name in "王李张刘陈"]
    + [(name, 6) for name in "杨黄赵吴周林徐孙马朱"]
    + [(name, 3) for name in "胡郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘"]
    + [(name, 1) for name in "田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱"]
    + [(name, 1) for name in ("欧阳", "司徒", "上官", "诸葛")]
)
# Given names by generation: what comes first, what comes second, and single characters.
_GIVEN: dict[tuple[Sex, int], tuple[str, str, str]] = {
    ("男", 0): ("建国志永德文明光水金树福", "国军生华平忠林强荣财兴祥根", "军强华平明忠"),
    ("女", 0): ("秀桂玉丽淑凤美素惠春月兰", "英兰珍芳梅华琴莲娥云霞", "英芳梅霞琴兰"),
    ("男", 1): ("志俊伟建海文晓国家浩嘉明", "强伟杰辉峰斌鹏涛林健锋豪", "伟强勇磊涛鹏斌"),
    ("女", 1): ("晓丽雪婷慧燕海嘉静思文佳", "雯娟敏燕玲红霞莹婷萍琳慧", "敏静燕婷莉娟"),
    ("男", 2): ("梓子浩宇俊博一嘉奕铭泽睿", "轩涵宇辰睿泽霖然航晨熙豪", "睿辰轩昊霖"),
    ("女", 2): ("梓雨欣思诗语一可佳芷若钰", "涵萱怡彤妍琪瑶桐萌悦妤晴", "萱彤妍悦瑶"),
}
_OLD_BEFORE, _YOUNG_FROM = 1975, 2003
_ONE_CHARACTER = 0.22

_UYGHUR: dict[Sex, tuple[str, ...]] = {
    "男": ("艾力", "买买提", "阿卜杜拉", "吐尔逊", "艾尼瓦尔", "玉素甫", "麦麦提江", "努尔买买提"),
    "女": ("古丽", "阿依努尔", "帕提古丽", "热孜万古丽", "祖丽皮亚", "米热班", "阿依古丽"),
}
_UYGHUR_FATHERS = ("买买提", "吐尔逊", "阿卜杜热合曼", "艾合买提", "亚森", "肉孜", "依明", "托合提")
_TIBETAN: dict[Sex, tuple[str, ...]] = {
    "男": ("扎西", "多吉", "顿珠", "次仁", "索朗", "旺堆", "平措"),
    "女": ("卓玛", "央金", "拉姆", "白玛", "德吉", "曲珍", "仓决"),
}
_MONGOL: dict[Sex, tuple[str, ...]] = {
    "男": ("巴特尔", "朝鲁", "阿古拉", "苏和", "宝力德", "那日苏", "毕力格"),
    "女": ("其其格", "乌兰", "萨仁", "娜仁", "高娃", "图雅", "乌日娜"),
}
# By province of registration: people other than 汉, and out of how many thousand households.
_PEOPLES: dict[str, tuple[tuple[str, int], ...]] = {
    "15": (("蒙古", 180),),
    "21": (("满", 120),),
    "22": (("朝鲜", 40),),
    "44": (("瑶", 8), ("壮", 8), ("畲", 3)),
    "45": (("壮", 320), ("瑶", 30), ("苗", 10)),
    "46": (("黎", 150),),
    "43": (("土家", 40), ("苗", 30)),
    "52": (("苗", 110), ("布依", 70), ("侗", 40)),
    "53": (("彝", 110), ("白", 35), ("傣", 25), ("哈尼", 35)),
    "54": (("藏", 860),),
    "63": (("藏", 250), ("回", 150)),
    "64": (("回", 350),),
    "65": (("维吾尔", 450), ("哈萨克", 60)),
}


def people_of(rng: Random, county: str) -> str:
    """民族 of a household registered in a county."""
    draw = rng.random() * 1000
    for people, share in _PEOPLES.get(county[:2], ()):
        if draw < share:
            return people
        draw -= share
    return "汉"


def surname(rng: Random) -> str:
    """A family name; one in forty has two characters or is rare."""
    return pick(rng, _SURNAMES)


def full_name(rng: Random, family: str, people: str, sex: Sex, born: int) -> str:
    """A name as it stands on the identity card.

    Args:
        family: family name, for the peoples that have one.
        people: 民族.
        sex: of the person.
        born: year of birth; fashions change.
    """
    if people == "维吾尔":
        return f"{pick(rng, _UYGHUR[sex])}·{pick(rng, _UYGHUR_FATHERS)}"
    if people == "藏":
        return pick(rng, _TIBETAN["男"]) + pick(rng, _TIBETAN[sex])
    if people == "蒙古":
        return pick(rng, _MONGOL[sex])
    return family + _given(rng, sex, born)


def _given(rng: Random, sex: Sex, born: int) -> str:
    generation = 0 if born < _OLD_BEFORE else 2 if born >= _YOUNG_FROM else 1
    first, second, single = _GIVEN[sex, generation]
    if rng.random() < _ONE_CHARACTER:
        return pick(rng, single)
    return pick(rng, first) + pick(rng, second)
