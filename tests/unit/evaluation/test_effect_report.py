"""The report of an effect: in two languages, without outside assets, saying what it does not show."""

import html
import re

import pytest

from evaluation.effect import measure_effect
from evaluation.effect_figures import Measure
from evaluation.effect_report import Occasion, amount, doubts, effect_lines, render_effect, verdict
from tests.unit.evaluation.supported_city import supported_city
from vocabulary.source import Titled
from vocabulary.texts import LANGUAGES, text

OUTCOMES = ("score_math", "absence")
MEASURES = {
    "score_math": Measure(
        name="score_math", worse="lower", title=Titled(ja="算数", en="Maths"), amount=Titled(ja="{value}", en="{value}")
    ),
    "absence": Measure(
        name="absence",
        worse="higher",
        title=Titled(ja="欠席", en="Absence"),
        amount=Titled(ja="年{value}日", en="{value} day(s) a year"),
        decimals=0,
    ),
}


@pytest.fixture(scope="module")
def effect():
    city = supported_city(1, children=1500, effect=4.0)
    return measure_effect(city.indicators, city.persons, city.timeline, city.supported, OUTCOMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_what_it_does_not_show_and_loads_nothing(effect, language):
    page = render_effect(effect, MEASURES, Occasion("R1", "2026-03", "<b>purpose</b>"), language=language)
    read = html.unescape(page)
    for at in range(1, 7):
        assert text(f"effect.not_shown_{at}", language=language) in read
    assert "<script" not in page
    assert "&lt;b&gt;purpose" in page
    assert not re.search(r'(?:src|href)="?https?:', page)
    assert page.count("<svg") == 2 + len(OUTCOMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terminal_never_gives_a_figure_without_its_warning(effect, language):
    lines = effect_lines(effect, MEASURES, language)
    assert len(lines) >= 2 * len(OUTCOMES) + 2
    assert lines[-1] == text("effect.not_a_cause", language=language)


def test_a_verdict_follows_the_corrected_p_and_the_direction(effect):
    gain = next(each for each in effect.outcomes if each.outcome == "score_math")
    better, even = (gain.model_copy(update={"p_holm": p}) for p in (0.01, 0.2))
    assert verdict(MEASURES, "en", better) == text("effect.verdict_better", language="en")
    assert verdict(MEASURES, "en", even) == text("effect.verdict_none", language="en")
    turned = {"score_math": MEASURES["score_math"].model_copy(update={"worse": "higher"})}
    assert verdict(turned, "en", better) == text("effect.verdict_worse", language="en")


def test_amounts_have_a_sign_and_the_unit():
    assert amount(MEASURES, "en", "absence", -3.24) == "−3.2 day(s) a year"
    assert amount(MEASURES, "ja", "absence", -0.01) == "年+0.0日"


def test_every_check_that_fails_is_told(effect):
    unlike = effect.balance[0].model_copy(update={"after": 0.4})
    placebo = effect.placebo[0]
    early = placebo.model_copy(update={"estimate": placebo.estimate.model_copy(update={"low": 1.0, "high": 2.0})})
    gone = effect.outcomes[0].model_copy(
        update={"followed": effect.outcomes[0].followed.model_copy(update={"supported": 0.5, "comparison": 0.9})}
    )
    doubtful = effect.model_copy(
        update={
            "balance": (unlike,),
            "placebo": (early,),
            "outcomes": (gone,),
            "without_partner": 0.3,
            "supported_later": 0.2,
        }
    )
    assert len(doubts(doubtful, MEASURES, "en")) == 5
    sound = doubtful.model_copy(
        update={"balance": (), "placebo": (), "outcomes": (), "without_partner": 0.0, "supported_later": 0.0}
    )
    assert doubts(sound, MEASURES, "en") == [text("effect.doubt_none", language="en")]
