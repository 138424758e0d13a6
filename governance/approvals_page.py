"""The parts of docs/approvals.md that follow from data: kinds, states, and the columns that need a basis.

After a change of these: `python -m governance.approvals_page`.
"""

import re
from pathlib import Path

from governance.approval_kinds import NEEDS
from governance.approval_state import diagram
from governance.denied import groups


def parts() -> dict[str, str]:
    """The generated parts by the mark they stand between."""
    return {"kinds": _kinds(), "states": f"```mermaid\n{diagram()}\n```", "denied": _denied()}


def filled(page: str) -> str:
    """The page with every part as the data have it."""
    for name, part in parts().items():
        pattern = rf"<!-- {name} -->.*?<!-- /{name} -->"
        before, after = re.split(pattern, page, maxsplit=1, flags=re.DOTALL)
        page = f"{before}<!-- {name} -->\n{part}\n<!-- /{name} -->{after}"
    return page


def _kinds() -> str:
    lines = [
        "| 種類 / kind | 承認した機関 / authority | 管理者の同意 / owners | 必要な項目 / fields | 期間 / period |",
        "|---|---|---|---|---|",
    ]
    for kind, needs in NEEDS.items():
        authority = "・".join(needs.authority) or "–"
        fields = ", ".join(f"`{field}`" for field in needs.fields) or "–"
        countersigned = "○" if needs.countersigned else "–"
        lines.append(f"| {needs.name} `{kind}` | {authority} | {countersigned} | {fields} | {needs.years}年 / years |")
    return "\n".join(lines)


def _denied() -> str:
    lines = ["| 何か / what | 法 / law | 名前にあれば / in a name | あっても除く / but not |", "|---|---|---|---|"]
    for name, group in groups().items():
        words, unless = (" ".join(f"`{word}`" for word in some) or "–" for some in (group.words, group.unless))
        lines.append(
            f"| {group.title.ja} / {group.title.en} `{name}` | {group.law.ja} / {group.law.en} | {words} | {unless} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    page = Path(__file__).parents[1] / "docs" / "approvals.md"
    page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
