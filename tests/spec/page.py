"""The page docs/standardisation.md, made from the tables beside this file; `python -m tests.spec.page` writes it."""

import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs/standardisation.md"

HEAD = """\
# 表記のそろえ方 / How names, addresses and numbers are standardised

部局ごとにちがう書き方を、どの比較用の値(照合キー)に読み替えるかの一覧です。照合キーは比べるためだけに使います。
画面には出さず、届いた値を書き換えることもありません。このページは `tests/spec/` の表から作られます。
表はすべて自動試験で確かめられています。

What a department writes, and the key it is compared as. Keys are compared and never shown; what was delivered is never
overwritten. This page is made from the tables in `tests/spec/` (`python -m tests.spec.page`); every line is tested.

- Kanji variants are folded by `linkage/variants.toml`, which `scripts/make-variants` makes from the MJ縮退マップ of
  文字情報基盤 (IPA, CC BY-SA 2.1 JP) and a list of pairs that registers confuse.
- A foreign name becomes words by sound (`linkage/words.py`, `linkage/sounds.py`): the skeleton of consonants that
  katakana and Latin letters both keep. It is coarse: words of two strangers agree often, so they are evidence beside
  birth date and address, never alone.
- An address is parted into town, block and room. What is not understood is kept as it is written; which new town an old
  town's name stands for is not guessed.
"""

TABLES = {
    "names": ("氏名 / Names", "written", "key"),
    "readings": ("フリガナ / Readings", "written", "key"),
    "words": ("外国人の氏名 / Foreign names", "Latin letters", "katakana"),
    "addresses": ("住所 / Addresses: town, block, room", "written", "key"),
    "numbers": ("電話番号・郵便番号 / Telephone numbers and postal codes", "written", "key"),
    "dates": ("日付 / Dates", "written", "day"),
}


def table(name: str) -> dict[str, Any]:
    """Sections of one table: what is written, and what it is read as (variants: pairs of characters in one text)."""
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for name, (title, *columns) in TABLES.items():
        parts.append(f"## {title}\n")
        for section, pairs in table(name).items():
            rows = [
                columns,
                ["---"] * len(columns),
                *([_code(written), _code(read)] for written, read in pairs.items()),
            ]
            parts.append(f"### {section}\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows))
    parts.append("## 異体字 / Kanji variants\n")
    parts += [f"### {section}\n\n{' '.join(pairs.split())}\n" for section, pairs in table("variants").items()]
    return "\n".join(parts)


def _code(text: str) -> str:
    """`text` as code in a cell of a Markdown table; a dash for no key."""
    shown = "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in text)
    return "`" + shown.replace("|", " / ") + "`" if text else "–"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
