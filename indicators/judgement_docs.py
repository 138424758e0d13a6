"""The judgements' part of the page of indicators: every step with what it needs, in words made from the rules."""

from indicators.judgement_rules import (
    SCOPES,
    DomainNeed,
    DomainStep,
    IndicatorNeed,
    JudgementRules,
    OverallStep,
    Scope,
    Word,
)
from indicators.rules import Rules
from indicators.specification import Sourced
from vocabulary.texts import LANGUAGES, Language, text

HEAD = """
## 判定 — Judgements

子ども・年度・領域ごとに、上から順に見て「必要なこと」をすべて満たした最初の段が判定になります。どれも満たさなければ
0です。段階が強くなって判定が下がることはありません。記録のない指標は、どちらにも数えず、根拠に「見て
いない」と書きます。記録が一つもない領域は判定しません。例は [judgements.md](judgements.md) にあります。
For each child, year and domain, the judgement is that of the first step from above whose needs are all met, and 0
where none is. A stronger level never lowers a judgement. An indicator that is not recorded counts neither for nor
against, and the basis says that it was not looked at. A domain of which nothing is recorded is not judged. Examples
are in [judgements.md](judgements.md).

判定は、箕面市について公表された形(三つの要素と、総合判定の三段階)にならいます。細かい条件は公表資料に見つからなかっ
たので、この規則が定めました。「根拠」の列で区別しています。
The judgements follow the form that is published of Minoh (three elements, an overall judgement in three steps). The
exact conditions were found in no public source and are ours; the basis tells them apart.

領域の判定の呼び名 / what a domain's judgements are called:

"""

JOIN: dict[Language, str] = {"ja": "、かつ", "en": "; and "}
LIST: dict[Language, str] = {"ja": "・", "en": ", "}


def judgement_sections(rules: Rules, judgement_rules: JudgementRules) -> list[str]:
    """The sections of the judgements, in Markdown."""
    words = "".join(map(_word, judgement_rules.domain_words))
    return [HEAD, words, *(_scope(scope, rules, judgement_rules) for scope in SCOPES)]


def basis(sourced: Sourced) -> str:
    """Whether something is ours or public, and its note."""
    return f"{sourced.basis}: {sourced.note}" if sourced.note else sourced.basis


def _scope(scope: Scope, rules: Rules, judgement_rules: JudgementRules) -> str:
    title = judgement_rules.titles[scope]
    lines = [f"\n### {title.ja} — {title.en} (`{scope}`)\n", f"- 根拠 / basis: {basis(title)}"]
    own = [f"{rule.title.ja} (`{name}`)" for name, rule in rules.indicators.items() if rule.domain == scope]
    if own:
        lines.append(f"- 指標 / indicators: {', '.join(own)}")
    if scope == "overall":
        lines += [_word(word).rstrip() for word in judgement_rules.overall_words]
    return "\n".join(
        [
            *lines,
            "",
            "| 判定 / judgement | 必要なこと / needs | 根拠 / basis |",
            "|---|---|---|",
            *(_step(step, judgement_rules) for step in judgement_rules.steps(scope)),
            "",
        ]
    )


def _word(word: Word) -> str:
    return f"- **{word.judgement}** {word.ja} — {word.en} ({basis(word)})\n"


def _step(step: DomainStep | OverallStep, rules: JudgementRules) -> str:
    needs = "<br>".join(
        f"{getattr(step.words, language)} — "
        + JOIN[language].join(need_in_words(need, language, rules) for need in step.needs)
        for language in LANGUAGES
    )
    return f"| {step.judgement} `{step.name}` | {needs} | {basis(step)} |"


def need_in_words(need: IndicatorNeed | DomainNeed, language: Language, rules: JudgementRules) -> str:
    """A need in words."""
    if isinstance(need, DomainNeed):
        named = [getattr(rules.titles[domain], language) for domain in need.of]
        of = LIST[language].join(named) or text("judgement.all_domains", language=language)
        return text("judgement.need_domains", language=language, of=of, count=need.at_least, level=need.judgement)
    of = LIST[language].join(f"`{name}`" for name in need.of) or text("judgement.all_indicators", language=language)
    said = text("judgement.need_indicators", language=language, of=of, count=need.at_least, level=need.level)
    if need.percentile is not None:
        said += text("judgement.need_percentile", language=language, percentile=f"{need.percentile:g}")
    if need.entry:
        ways = [text(f"judgement.entry_{way}", language=language) for way in need.entry]
        said += text("judgement.need_entry", language=language, entry=LIST[language].join(ways))
    return said
