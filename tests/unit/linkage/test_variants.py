"""The table of kanji variants: each character is folded once, and the table carries its licence."""

import tomllib
from pathlib import Path

from linkage.names import variants

ROOT = Path(__file__).parents[3]
TABLE = (ROOT / "linkage/variants.toml").read_text(encoding="utf-8")


def test_each_character_is_folded_once_and_never_twice_in_a_row():
    groups = tomllib.loads(TABLE)["fold"]
    folded = [character for characters in groups.values() for character in characters]
    assert len(folded) == len(set(folded)) == len(variants())
    assert not set(folded) & set(groups)


def test_characters_of_different_names_stay_apart():
    assert not {ord(character) for character in "埼阪坂大太犬玉王切功師帥乃及"} & variants().keys()


def test_source_and_licence_are_stated():
    for page in (TABLE, (ROOT / "NOTICE").read_text(encoding="utf-8")):
        assert "https://creativecommons.org/licenses/by-sa/2.1/jp/" in page
        assert "独立行政法人情報処理推進機構" in page
