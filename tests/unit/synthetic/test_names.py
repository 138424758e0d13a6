import numpy as np
import polars as pl
import pytest

from synthetic.names import names

RNG = np.random.default_rng(5)
DRAWS = 40_000


def drawn_surnames() -> pl.Series:
    rows = names().draw_surnames(np.random.default_rng(1), np.full(DRAWS, -1))
    return pl.Series(np.array(names().surnames.written)[rows])


@pytest.mark.parametrize(("surname", "share"), [("佐藤", 0.018), ("鈴木", 0.017), ("田中", 0.013)])
def test_common_surnames_are_as_common_as_in_japan(surname, share):
    assert (drawn_surnames() == surname).mean() == pytest.approx(share, abs=0.004)


def test_some_families_keep_the_older_form_of_their_name():
    drawn = drawn_surnames()
    assert 0.05 < (drawn == "髙橋").sum() / drawn.is_in(["高橋", "髙橋"]).sum() < 0.2


def test_readings_are_katakana():
    for table in (names().surnames, names().given):
        assert pl.Series(table.kana).str.contains(r"^[ァ-ヴー ]+$").all()


def test_given_names_follow_sex_and_cohort():
    size = 5_000
    male, japanese = np.full(size, True), np.full(size, -1)

    def drawn(sex, born) -> set[str]:
        rows = names().draw_given(np.random.default_rng(2), sex, np.full(size, born), japanese)
        return set(np.array(names().given.written)[rows])

    assert "湊" in drawn(male, 2018.0)
    assert "陽葵" in drawn(~male, 2018.0)
    assert "陽葵" not in drawn(~male, 1992.0)


def test_foreign_residents_have_names_of_their_country():
    countries = [country.name for country in names().countries]
    rows = names().draw_surnames(RNG, np.full(200, countries.index("vietnam")))
    assert "NGUYEN" in set(np.array(names().surnames.written)[rows])
    assert not any(name == "佐藤" for name in np.array(names().surnames.written)[rows])


def test_names_alike_begin_with_the_same_character():
    written = names().given.written
    assert all(written[row][0] == written[other][0] for row, other in enumerate(names().alike))
