"""The page docs/judgements.md, made from the table beside this file by `python -m tests.spec.judgements_page`."""

import tomllib
from pathlib import Path

from indicators.judgement_rules import DOMAINS, JudgementRules, load_judgement_rules
from indicators.rules import Rules, load_rules

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs/judgements.md"

HEAD = """\
# 判定の例 / Judgements by example

左の記録から、右の判定になります。判定の規則そのものは [indicators.md](indicators.md) にあります。このページは
`tests/spec/judgements.toml` から作られ、一行ずつ自動試験で確かめられています。
What is known on the left gives the judgements on the right. The rules themselves are in [indicators.md](indicators.md).
This page is made from `tests/spec/judgements.toml` (`python -m tests.spec.judgements_page`); every line is tested.

- 判定は、記録のあるものだけから出します。記録のない領域は判定せず、根拠に「見ていない」と書きます。
  A judgement rests on what is recorded. A domain without a record is not judged, and the basis says so.
- 判定は子どもや家庭への評価ではなく、支援を考える順番の目安です。決めるのは人です。
  A judgement does not rate a child or a family. It suggests where to think of support first; people decide.
"""

ENTRIES = {"first": "初めて first time", "again": "再び again", "stays": "前年度から as last year"}


def table() -> dict[str, dict[str, str]]:
    """Sections of the table: what is known, and the judgements it gives."""
    return tomllib.loads((HERE / "judgements.toml").read_text(encoding="utf-8"))


def facts(known: str) -> dict[str, tuple[int, float | None, str | None]]:
    """Level, percentile and entry of each indicator that is written."""
    found = {}
    for written in known.split(", "):
        name, level, *more = written.split(" ")
        percentile = next((float(word[1:]) for word in more if word[0] == "p"), None)
        found[name] = (int(level), percentile, next((word for word in more if word in ENTRIES), None))
    return found


def judgements(written: str) -> dict[str, int]:
    """Judgement of each domain that is written."""
    return {scope: int(judgement) for scope, judgement in (part.split(" ") for part in written.split(", "))}


def page(rules: Rules, steps: JudgementRules) -> str:
    """The whole page."""
    parts = [HEAD]
    for section, rows in table().items():
        parts.append(f"## {section}\n")
        parts.append("| 記録(段階)/ known (level) | 領域の判定 / by domain | 総合判定 / overall |\n|---|---|---|")
        parts += [f"| {_known(known, rules)} | {_judged(judged, steps)} |" for known, judged in rows.items()]
        parts.append("")
    return "\n".join(parts)


def _known(written: str, rules: Rules) -> str:
    said = []
    for name, (level, percentile, entry) in facts(written).items():
        more = [ENTRIES[entry]] if entry else []
        if percentile is not None:
            more.append(f"変化 change {percentile:.0f}/100")
        title = rules.indicators[name].title
        said.append(f"{title.ja} {title.en}: **{level}**" + (f" ({', '.join(more)})" if more else ""))
    return "<br>".join(said)


def _judged(written: str, steps: JudgementRules) -> str:
    found = judgements(written)
    domains = [
        f"{steps.titles[domain].ja} {steps.titles[domain].en}: **{found[domain]}**"
        for domain in DOMAINS
        if domain in found
    ]
    overall = steps.word("overall", found["overall"])
    return f"{'<br>'.join(domains)} | **{found['overall']}** {overall.ja} {overall.en}"


if __name__ == "__main__":
    PAGE.write_text(page(load_rules(), load_judgement_rules()), encoding="utf-8")
