"""Numbers written in kanji: 十二, 百三, 二〇三, 二〇二五, 弐拾壱."""

import re

NUMERAL = "[〇零一二三四五六七八九十百千壱弐参拾]"

_RUN = re.compile(f"{NUMERAL}+")
_DIGITS = {numeral: str(value) for value, numeral in enumerate("〇一二三四五六七八九")}
_DIGITS |= {"零": "0", "壱": "1", "弐": "2", "参": "3"}
_POWERS = {"十": 10, "拾": 10, "百": 100, "千": 1000}


def value_of(numeral: str) -> int:
    """Number that a run of kanji numerals stands for: 十二 → 12, 百三 → 103, 二〇三 → 203, 二千五百 → 2500."""
    total, digits = 0, ""
    for sign in numeral:
        if sign in _DIGITS:
            digits += _DIGITS[sign]
        else:
            total += int(digits or 1) * _POWERS[sign]
            digits = ""
    return total + int(digits or 0)


def with_digits(text: str) -> str:
    """`text` with every run of kanji numerals as digits: 令和七年四月一日 → 令和7年4月1日."""
    return _RUN.sub(lambda found: str(value_of(found[0])), text)
