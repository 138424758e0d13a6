"""The page for departments says of every rule what the system says."""

from pathlib import Path

from linkage.rules import Rule
from linkage.values import BLANK
from vocabulary.texts import text

PAGE = (Path(__file__).parents[3] / "docs/deliveries.md").read_text(encoding="utf-8")


def meaning(rule, language):
    return text(f"delivery.rule_{rule}", language=language)


def test_the_table_of_rules_is_the_rules():
    rules = PAGE.split("## 除外の規則", 1)[1]
    table = [line for line in rules.splitlines() if line.startswith("| `")]
    assert table == [f"| `{rule}` | {meaning(rule, 'ja')} | {meaning(rule, 'en')} |" for rule in Rule]


def test_every_spelling_of_blank_is_named():
    assert all(f"`{spelling}`" in PAGE for spelling in BLANK if spelling)
