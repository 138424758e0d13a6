"""The page of indicators and judgements, generated from the rules: `python -m indicators.docs > docs/indicators.md`."""

import sys
from typing import get_args

from indicators.judgement_docs import basis, judgement_sections
from indicators.judgement_rules import JudgementRules, load_judgement_rules
from indicators.rules import Domain, Indicator, Rules, load_rules
from vocabulary.source import load_sources
from vocabulary.texts import LANGUAGES, text

HEAD = """\
<!-- Generated from indicators/rules.toml and indicators/judgements.toml by `python -m indicators.docs`: not edited. -->
# 指標と判定 — Indicators and judgements

- 指標の規則の版 / version of the indicator rules: `{version}`
- 判定の規則の版 / version of the judgement rules: `{judgement_version}`

値は子ども・年度ごとに一つです。その年度に記録がなければ「不明」であり、0ではありません。
A value is formed per child and fiscal year. Where nothing was recorded it is unknown, never zero.

- **段階 / level** — 0(目立つものなし)から3(最も強い)まで。「ある・なし」ではなく程度で見ます。「はい・いいえ」だけ
  で届く項目には段階が一つしかないので、程度はほかの指標との重なりで見ます(下の「判定」)。
  From 0 (nothing noted) to 3 (strongest): degrees, not presence alone. An item that is delivered as yes or no has
  one level only; its degree shows in what it comes together with (judgements, below).
- **変化の見方 / how a change is judged** — growth: 本人のこれまでの値と、その年度の同学年の中での位置から予想され
  る値との差。transitions: 同じ年度・年齢で、前回と過去の最高の段階が同じ子どものうち、この段階以上になる割合。
  growth: the distance from what the child's own earlier values and the norm of the year and grade lead to expect.
  transitions: how rare a step this high is among children of the same year and age, last and highest earlier step.
- **変化の百分位 / percentile of a change** — 同じ経過の子ども100人のうち、値がこの子より良いと見込まれる人数。97な
  ら「同じ経過の子ども100人のうちおよそ97人より気がかりな側」。経過が分からなければ空欄です。
  How many of 100 children with the same history would be expected to have a better value. 97: “less favourable
  than about 97 of 100 children with the same history”. Blank where no history is known.
- **段階への入り方 / entry** — `first` 初めて / for the first time · `again` 再び / once more · `stays` 前年度か
  ら / since the year before.
- **根拠 / basis** — `ours` この規則が定めた目安 / set by these rules · `public` 公表された基準・制度・資料 / a
  published standard, scheme or document, named beside it. 目安の値が公表のものでも、それをどの段階とするかは、すべて
  この規則が定めました。 Where a mark is public, the level it is given is still ours.
"""

GROWTH = """
## 発育の物差し — What growth is measured against

- 身長・体重の段階は、{ja}。
  The levels of height and weight are {en}.
- 日本人小児のLMS法による標準値(2000年度調査)は、日本小児内分泌学会(http://jspe.umin.jp/medical/taikaku.html)や日本
  成長学会(https://auxology.jp/ja-children-physique)が公表していますが、ソフトウェアへの同梱を認める条件を確認できな
  かったので、入れていません。WHOの成長曲線も、WHO Anthroの利用許諾が販売する製品での利用を認めていないので、入れて
  いません。
  No table of reference comes with the system. For the Japanese LMS references (survey of 2000, published by the
  Japanese societies for pediatric endocrinology and for auxology) no terms were found that allow it; the licence of
  WHO Anthro does not allow use in products that are sold or licensed for a fee.
- 使える表をもつ市は、`sex, months, l, m, s` の列をもつCSV(M/F、月齢、LMS法の三つの値。mは測定値と同じ単位)を
  `indicators.toml` と同じ場所に置き、指標に `reference = "height.csv"` と `on = "reference"` を書きます。段階は z =
  ((y/M)^L − 1) / (L·S)(Cole & Green 1992)で決まり、表の中身も規則の版に入ります。変化は引き続き市内の同学年の中で
  見ます。
  A city that may use a table lays it beside its `indicators.toml` as a CSV file with these columns (`m` in the unit
  of the measurement) and writes `reference = "height.csv"` and `on = "reference"` in the indicator. The levels are
  then marks of z, and the table's content is part of the version of the rules. Changes are still judged within the
  city's grade.
"""

OWN = """
## 市が自分の規則を使うには — A city's own rules

- 作業場所に `indicators.toml` や `judgements.toml` を置くと、同梱の規則の代わりに使われます。項目は「データ源.列
  名」で指すので、ほかのデータ源(`sources/` の仕様)や外国のデータでも、コードを変えずに使えます。
  An `indicators.toml` or `judgements.toml` in the workspace takes the place of the built-in one. Items are named
  `source.column`, so other sources (specified in `sources/`) and foreign data work without a change of code.
- どちらの向きが気がかりか(`worse`)は必ず書きます。`levels` を書かない連続値(growth)は、同学年の平均から1・1.5・2 SD
  を段階1・2・3とします。
  Which direction is worse has to be stated. A quantity (growth) without `levels` gets 1, 1.5 and 2 SD from the
  grade's mean as levels 1, 2 and 3.
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


def page(rules: Rules, judgement_rules: JudgementRules) -> str:
    """The page of both files of rules, in Markdown."""
    sections = [HEAD.format(version=rules.version[:12], judgement_version=judgement_rules.version[:12])]
    sections += judgement_sections(rules, judgement_rules)
    for domain in get_args(Domain):
        japanese, english = (text(f"kind.{domain}", language=language) for language in LANGUAGES)
        sections.append(f"\n## {japanese} — {english}\n")
        sections += [entry(name, rule) for name, rule in rules.indicators.items() if rule.domain == domain]
    sections.append("\n## すでに支援があるとみなすもの — Support already in place\n")
    sections += [
        f"- 前の年度の / in the year before: `{support.indicator}` ≥ {support.begins:g}\n" for support in rules.support
    ]
    return "".join([*sections, _growth(rules), OWN])


def _growth(rules: Rules) -> str:
    """Which reference the levels of growth are of."""
    files = sorted({rule.reference.file for rule in rules.indicators.values() if rule.reference})
    if files:
        named = ", ".join(f"`{file}`" for file in files)
        return GROWTH.format(
            ja=f"基準表 {named} から何SD離れているかで決めています", en=f"standard deviations from {named}"
        )
    return GROWTH.format(
        ja="市内の同じ年度・学年・性の子どもの平均から何SD離れているかで決めています",
        en="standard deviations from the mean of the city's children of the same year, grade and sex",
    )


def entry(name: str, rule: Indicator) -> str:
    """One indicator's part of the page."""
    worse = "高いほど気がかり / higher" if rule.worse == "higher" else "低いほど気がかり / lower"
    lines = [
        f"\n### {rule.title.ja} — {rule.title.en} (`{name}`)\n",
        f"- 読む項目 / reads: {', '.join(map(_item, rule.items))}",
        f"- 値 / value: {FORMS[rule.form].format(per=rule.per or 0)}",
        f"- 気がかりな向き / of concern: {worse}",
        f"- 変化 / change: {rule.model}" + (f" ({rule.transform})" if rule.transform != "none" else ""),
    ]
    if rule.supports:
        lines.append(f"- 支援 / support: {', '.join(map(_item, rule.supports))}")
    if rule.codes:
        lines.append("- コード / codes: " + ", ".join(f"{code} = {number:g}" for code, number in rule.codes.items()))
    if rule.words:
        lines.append("- 値の意味 / values: " + ", ".join(f"{w.value:g} = {w.ja} ({w.en})" for w in rule.words))
    if rule.kind:
        lines.append(f"- フラグの種類 / kind of flag: `{rule.kind}`")
    return "\n".join([*lines, "", levels(rule), ""])


def _item(item: str) -> str:
    """An item, with its unit where its source is built in and gives one."""
    source, column = item.split(".")
    specified = load_sources().get(source)
    measurement = specified.measurements.get(column) if specified else None
    return f"`{item}` ({measurement.unit})" if measurement and measurement.unit else f"`{item}`"


def levels(rule: Indicator) -> str:
    """Table of the marks at which the levels begin."""
    if rule.on == "norm":
        unit = "同学年・同性の平均からのSD / SD from the mean of the grade and sex"
        unit = unit if rule.by_sex else "同学年の平均からのSD / SD from the grade's mean"
    elif rule.reference:
        unit = f"基準表からのSD / SD from `{rule.reference.file}`"
    elif rule.words:
        unit = "値 / value"
    else:
        unit = f"{rule.amount.ja} / {rule.amount.en}".replace("{value}", "n")
    compare = "≥" if rule.worse == "higher" else "≤"
    return "\n".join(
        [
            f"| 段階 / level | {unit} | 根拠 / basis |",
            "|---|---|---|",
            *[f"| {cut.level} | {compare} {cut.begins:g} | {basis(cut)} |" for cut in rule.levels],
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(page(load_rules(), load_judgement_rules()))
