"""What is said of one indicator: direction, units, singular and plural, entries, ranks, both languages."""

import pytest

from indicators.rules import load_rules
from indicators.sentences import amount, number, sentences
from vocabulary.texts import LANGUAGES, Language

RULES = load_rules()
FACT = {
    "indicator": "absence",
    "value": 34.0,
    "before": 6.0,
    "before_year": 2024,
    "year": 2025,
    "entry": "first",
    "expected": 5.0,
    "usual_low": 3.0,
    "usual_high": 9.2,
    "percentile": 97.2,
    "norm": 5.0,
    "alike": None,
    "of": None,
    "reached": None,
}
STEP = FACT | {"norm": None, "alike": True, "of": 412, "reached": 5, "value": 1.0, "before": 0.0}


def of(name: str, language: Language, **changed: object) -> str:
    rule = RULES.indicators[name]
    return sentences((FACT if rule.model == "growth" else STEP) | changed, rule, language)


def test_a_sentence_has_before_and_after_entry_usual_range_norm_and_rank():
    rule = RULES.indicators["absence"].model_copy(
        update={
            "amount": RULES.indicators["absence"].amount.model_copy(
                update={"ja": "年{value}日", "en": "{value} day(s)"}
            )
        }
    )
    assert sentences(FACT, rule, "ja") == (
        "欠席が年6日(前年度)から年34日に増えました。年10日以上となったのは、記録のある中で初めてです。"
        "この子のいつもの範囲は年3〜9日、同学年の中央値は年5日です。同じ経過の子ども100人のうち約97人より高い値です。"
    )
    assert sentences(FACT, rule, "en") == (
        "Absence rose from 6 days (the year before) to 34 days."
        " This is the first time on record that it is 10 days or more."
        " This child's usual range is 3–9 days; the median of the grade is 5 days."
        " That is higher than about 97 of 100 children with the same history."
    )


@pytest.mark.parametrize(
    ("name", "changed", "expected"),
    [
        ("absence", {"before_year": 2021}, "(2021年度)"),
        ("absence", {"before": None}, "これより前の記録はありません。"),
        ("absence", {"entry": "again"}, "以上となったことは、以前の年度にもあります。"),
        ("absence", {"entry": "stays"}, "以上であることは、前回の記録から続いています。"),
        ("absence", {"percentile": 99.9999}, "同じ経過の子ども100人のうち約99人より高い値です。"),
        ("absence", {"value": 20.0, "before": 40.0}, "これまでの経過からは"),
        ("score_math", {"value": 31.5, "before": 52.0}, "が52.0(前年度)から31.5に下がりました。"),
        ("score_math", {"value": 31.5, "before": 52.0}, "45以下となったのは、記録のある中で初めてです。"),
        ("score_math", {"value": 31.5, "before": 52.0}, "100人のうち約97人より低い値です。"),
        ("height", {"value": 123.04, "before": 122.0}, "身長は123.0cmです(前年度は122.0cm)。"),
        ("height", {"value": 123.04, "before": 122.0}, "同学年・同性の中央値は"),
        ("absence", {"value": 6.2, "before": 6.0}, "(前年度と同じ)。"),
        ("public_assistance", {"before": 1.0, "before_year": 2022}, "生活保護は受給ありです(2022年度と同じ)。"),
        ("height", {}, "同学年の中で低い方の目安"),
        ("public_assistance", {}, "が「受給なし」(前年度)から「受給あり」に変わりました。こうした記録は初めてです。"),
        (
            "public_assistance",
            {},
            "前年度に同じく「受給なし」だった同学年の子ども412人のうち、「受給あり」は5人です(この子を含む)。",
        ),
        ("public_assistance", {"before": None, "alike": False}, "記録のある同学年の子ども412人のうち、"),
        ("lunch_fee_arrears", {"value": 4.0}, "前年度に同じく0か月だった同学年の子ども412人のうち、4か月以上は5人です"),
        ("lunch_fee_arrears", {"of": 1240}, "1,240人"),
    ],
)
def test_sentences_in_japanese(name: str, changed: dict[str, object], expected: str):
    assert expected in of(name, "ja", **changed)


@pytest.mark.parametrize(
    ("name", "changed", "expected"),
    [
        ("absence", {"before_year": 2021}, "(in fiscal 2021)"),
        ("absence", {"entry": "again"}, "in an earlier year too."),
        ("absence", {"entry": "stays"}, "at the record before as well."),
        ("score_math", {"value": 31.5, "before": 52.0}, "fell from 52.0 (the year before) to 31.5."),
        ("score_math", {"value": 31.5, "before": 52.0}, "lower than about 97 of 100 children with the same history."),
        ("lunch_fee_arrears", {"value": 1.0}, "rose from 0 months (the year before) to 1 month."),
        (
            "lunch_fee_arrears",
            {"value": 4.0},
            "Of 412 children of the same grade with 0 months the year before, 5 now: 4",
        ),
        ("public_assistance", {}, "with “not received” the year before, 5 now: “received” (this child included)."),
        ("public_assistance", {"entry": "again"}, "There had been such a record in an earlier year."),
    ],
)
def test_sentences_in_english(name: str, changed: dict[str, object], expected: str):
    assert expected in of(name, "en", **changed)


def test_a_record_without_an_earlier_one_says_so_once():
    said_of = of("absence", "en", before=None, percentile=None)
    assert said_of.count("earlier") == 1
    assert "first time" not in said_of
    assert "usual range" not in said_of


def test_a_child_alone_with_its_history_is_not_counted():
    assert "children of the same grade" not in of("public_assistance", "en", of=1, reached=1)


def test_what_is_not_known_is_not_said():
    assert "median" not in of("height", "en", norm=None)
    assert "median" in of("height", "en", usual_low=None)
    assert "children of the same grade" not in of("public_assistance", "en", of=None, reached=None, alike=None)


def test_what_was_to_be_expected_is_said_only_where_the_value_itself_did_not_move_that_way():
    assert "was to be expected" not in of("score_math", "en", value=31.5, before=52.0)
    assert "was to be expected" in of("score_math", "en", value=35.0, before=31.5)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("1", "1 month"), ("0", "0 months"), ("4", "4 months"), ("1–3", "1–3 months"), ("10", "10 months")],
)
def test_singular_and_plural(written: str, expected: str):
    assert amount(written, RULES.indicators["nursery_fee_arrears"], "en") == expected


@pytest.mark.parametrize(
    ("on", "worse"), [("norm", "lower"), ("norm", "higher"), ("reference", "lower"), ("reference", "higher")]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mark_that_is_no_value_is_named(on: str, worse: str, language: Language):
    rule = RULES.indicators["height"].model_copy(update={"on": on, "worse": worse})
    words = {
        "ja": {"lower": "低い方の目安", "higher": "高い方の目安"},
        "en": {"lower": "lower mark", "higher": "upper mark"},
    }
    assert words[language][worse] in sentences(FACT, rule, language)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(-0.04, "0.0"), (2.25, "2.3"), (2.35, "2.4"), (2.2499999999, "2.3"), (2.24, "2.2"), (3, "3.0")],
)
def test_halves_are_rounded_up(value: float, expected: str):
    assert number(value, RULES.indicators["score_math"]) == expected


@pytest.mark.parametrize("name", sorted(RULES.indicators))
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("entry", ["first", "again", "stays", None])
@pytest.mark.parametrize("known_before", [True, False])
def test_every_indicator_can_be_said(name: str, language: Language, entry: str | None, known_before: bool):
    for value in (0.0, 1.0, 2.0):
        unknown = {} if known_before else {"before": None, "usual_low": None, "alike": False}
        changed = {"value": value, "entry": entry} | unknown
        told = of(name, language, **changed)
        assert "{" not in told
        assert "None" not in told
        assert "(s)" not in told
        assert told[-1] == ("。" if language == "ja" else ".")
