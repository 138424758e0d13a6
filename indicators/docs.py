"""The page of indicators, generated from the rules: `python -m indicators.docs > docs/indicators.md`."""

import sys
from typing import get_args

from indicators.rules import Cut, Domain, Indicator, Rules, load_rules
from vocabulary.texts import LANGUAGES, text

HEAD = """\
<!-- Generated from indicators/rules.toml by `python -m indicators.docs`; do not edit. -->
# 指標 — Indicators

規則の版 / version of the rules: `{version}`

値は子ども・年度ごとに一つです。その年度に記録がなければ「不明」であり、0ではありません。
A value is formed per child and fiscal year. Where nothing was recorded it is unknown, never zero.

一覧は、すべての指標の変化の珍しさ(本人の経過と同学年の動きから見て)をまとめた順です。複数の領域で同時に起こりやすい
変化ほど重く数え、広くわずかな変化も、一つだけの大きな変化も上に来ます。同じ学年全体に起きた変化は数えません。
The list ranks how unusual all changes of a child are, given the child's own course and that of the grade. A change that
tends to come together with changes in other domains weighs more; little in many records and much in one both rank
high; what happens to a whole grade does not count.

- 変化の見方 / how a change is judged —
  **growth**: 本人のこれまでの値と、その年度の同学年の中での位置から予想される値との差
  (the distance from what the child's own earlier values and the norm of the year and grade lead to expect).
  **transitions**: 同じ年度・年齢で、前回と過去の最高の段階が同じ子どものうち、この段階以上になる割合
  (how rare a step this high is among children of the same year and age, last and highest earlier step).
- 段階の目安の根拠 / basis of a level's mark — **ours**: この規則で定めた目安 (set by these rules).
  **public**: 公表された基準・制度 (a published standard or scheme, named beside it).
"""

FORMS = {
    "last": "年度で最後の値 / last of the year",
    "highest": "年度の最大 / highest of the year",
    "mean": "年度の平均 / mean of the year",
    "total": "年度の合計 / total of the year",
    "rate": "年度の合計の比 × {per:.0f} / ratio of the year's totals × {per:.0f}",
    "difference": "差 / difference",
    "codes": "最も重いコード / strongest code",
    "missed": "年度に1がなければ1、あれば0 / 1 if the year holds no 1, else 0",
    "gap": "支援の記録がないときの、困窮のしるしの数 / signs of hardship where no support is recorded",
    "stopped": "前の年度にあった記録の途絶え / records of the year before that stopped",
}


def page(rules: Rules) -> str:
    """The page of `rules`, in Markdown."""
    sections = [HEAD.format(version=rules.version[:12])]
    for domain in get_args(Domain):
        japanese, english = (text(f"kind.{domain}", language=language) for language in LANGUAGES)
        sections.append(f"\n## {japanese} — {english}\n")
        sections += [entry(name, rule) for name, rule in rules.indicators.items() if rule.domain == domain]
    sections.append("\n## すでに支援があるとみなすもの — Support already in place\n")
    sections += [
        f"- 前の年度の / in the year before: `{support.indicator}` ≥ {support.begins:g}\n" for support in rules.support
    ]
    return "".join(sections)


def entry(name: str, rule: Indicator) -> str:
    """One indicator's part of the page."""
    worse = "高いほど気がかり / higher" if rule.worse == "higher" else "低いほど気がかり / lower"
    lines = [
        f"\n### {rule.title.ja} — {rule.title.en} (`{name}`)\n",
        f"- 読む項目 / reads: {', '.join(f'`{item}`' for item in rule.items)}",
        f"- 値 / value: {FORMS[rule.form].format(per=rule.per or 0)}",
        f"- 気がかりな向き / of concern: {worse}",
        f"- 変化 / change: {rule.model}" + (f" ({rule.transform})" if rule.transform != "none" else ""),
    ]
    if rule.supports:
        lines.append(f"- 支援 / support: {', '.join(f'`{item}`' for item in rule.supports)}")
    if rule.codes:
        lines.append("- コード / codes: " + ", ".join(f"{code} = {number:g}" for code, number in rule.codes.items()))
    if rule.words:
        lines.append("- 値の意味 / values: " + ", ".join(f"{w.value:g} = {w.ja} ({w.en})" for w in rule.words))
    if rule.kind:
        lines.append(f"- フラグの種類 / kind of flag: `{rule.kind}`")
    return "\n".join([*lines, "", levels(rule), ""])


def levels(rule: Indicator) -> str:
    """Table of the marks at which the levels begin."""
    if rule.on == "norm":
        unit = "同学年・同性の平均からのSD / SD from the grade's mean"
    elif rule.words:
        unit = "値 / value"
    else:
        unit = f"{rule.amount.ja} / {rule.amount.en}".replace("{value}", "n")
    compare = "≥" if rule.worse == "higher" else "≤"
    return "\n".join(
        [
            f"| 段階 / level | {unit} | 根拠 / basis |",
            "|---|---|---|",
            *[f"| {cut.level} | {compare} {cut.begins:g} | {_basis(cut)} |" for cut in rule.levels],
        ]
    )


def _basis(cut: Cut) -> str:
    return f"public: {cut.note}" if cut.basis == "public" else "ours"


if __name__ == "__main__":
    sys.stdout.write(page(load_rules()))
