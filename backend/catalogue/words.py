"""What people type, made comparable: normal form, fillers, synonyms, cutting into words."""

import re
import unicodedata
from collections.abc import Container, Iterator

# Sorted by length when used, so that 怎么办理 goes before 怎么.
_FILLERS = (
    "怎么办理", "怎么办", "怎么弄", "怎么", "如何", "哪里可以", "在哪里", "在哪", "哪里",
    "去哪", "我想要", "我想", "我要", "请问", "需要什么材料", "要什么材料", "什么材料",
    "需要什么", "多少钱", "多久", "流程", "网上", "可以", "能不能", "办理", "申办", "办",
)  # fmt: skip
_FILLER = re.compile("|".join(sorted(_FILLERS, key=len, reverse=True)))
_TRAILING_PARTICLES = "的了吗呢啊呀吧"

SYNONYMS: tuple[tuple[str, ...], ...] = (
    ("孩子", "小孩", "小孩子", "宝宝", "婴儿", "新生儿", "儿童", "娃", "小朋友"),
    ("驾照", "驾驶证", "机动车驾驶证", "驾驶执照"),
    ("房产证", "不动产权证书", "房本", "不动产证", "房产证书"),
    ("社保卡", "社会保障卡"),
    ("社保", "社会保险"),
    ("医保", "医疗保险"),
    ("公积金", "住房公积金"),
    ("身份证", "居民身份证"),
    ("营业执照", "工商执照", "执照"),
    ("公司", "企业", "有限责任公司"),
    ("汽车", "车辆", "机动车", "车子"),
    ("个税", "个人所得税"),
    ("退休金", "养老金", "养老保险待遇", "养老待遇"),
    ("老人", "老年人", "高龄"),
    ("丢了", "遗失", "丢失", "不见了", "掉了", "弄丢"),
    ("换证", "换领", "换发", "换新"),
    ("补办", "补领", "补发", "补证"),
    ("房子", "住房", "房屋", "商品房"),
    ("去世", "死亡", "过世", "身故"),
    ("报销", "待遇支付", "零星报销"),
    ("开", "设立", "开办"),
)
_SAME: dict[str, tuple[str, ...]] = {word: group for group in SYNONYMS for word in group}
_RUN = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
MAX_QUERY = 40


def normal(text: str) -> str:
    """NFKC, lower case, without characters that are neither letter nor digit at its ends."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().lower()


def runs(text: str) -> list[str]:
    """The runs of Latin and of other letters in a query, at most 40 characters of it."""
    return _RUN.findall(normal(text)[:MAX_QUERY])


def is_latin(run: str) -> bool:
    """Whether a run is of Latin letters or digits (pinyin, initials, C1)."""
    return run.isascii()


def without_fillers(run: str) -> str:
    """A run without “怎么办理” and the like; the run itself where nothing would be left."""
    kept = _FILLER.sub("", run).strip(_TRAILING_PARTICLES)
    return kept or run


def same_words(word: str) -> tuple[str, ...]:
    """The word and what people mean by it, the word itself first."""
    return tuple(dict.fromkeys([word, *_SAME.get(word, ())]))


def bigrams(text: str) -> list[str]:
    """Pairs of neighbouring characters; a single character is returned as it is."""
    return [text] if len(text) < 2 else [text[i : i + 2] for i in range(len(text) - 1)]


def cut(run: str, known: Container[str], longest: int = 12) -> list[str]:
    """Cut a run into the fewest known words; what no word covers stays as pieces of its own.

    Args:
        run: characters without spaces.
        known: words that the index holds (anything with fast ``in``).
        longest: characters of the longest word to try.
    """
    best: list[tuple[int, int, int]] = [(0, 0, 0)]  # (unknown characters, pieces, start)
    for end in range(1, len(run) + 1):
        options = [(best[end - 1][0] + 1, best[end - 1][1] + 1, end - 1)]
        options += [
            (best[start][0], best[start][1] + 1, start)
            for start in range(max(0, end - longest), end)
            if run[start:end] in known
        ]
        best.append(min(options))
    return list(_joined(run, best, known))


def _joined(run: str, best: list[tuple[int, int, int]], known: Container[str]) -> Iterator[str]:
    pieces, end = [], len(run)
    while end:
        start = best[end][2]
        pieces.append(run[start:end])
        end = start
    unknown = ""
    for piece in reversed(pieces):
        if piece in known:
            if unknown:
                yield unknown
            unknown = ""
            yield piece
        else:
            unknown += piece
    if unknown:
        yield unknown
