from synthetic.calibration import Line, calibration, table
from synthetic.city import build_city
from synthetic.data import read_toml


def test_a_line_holds_between_its_bounds():
    line = Line("figure", "2 %", low=1, high=3, value=3)
    assert line.holds
    assert not Line("figure", "2 %", low=1, high=3, value=3.01).holds


def test_the_table_has_a_row_a_line():
    assert table([Line("a figure", "≈ 2", low=1.5, high=3, value=2.345, unit="")]).splitlines() == [
        "| figure | official | city | held between |",
        "| --- | --- | --- | --- |",
        "| a figure | ≈ 2 | 2.35 | 1.5 – 3 |",
    ]


def test_every_official_figure_is_computed_and_within_its_own_bounds():
    lines = calibration(build_city(3_000, seed=2))
    assert list(lines) == list(read_toml("official.toml"))
    assert all(line.low < line.high for line in lines.values())


def test_counts_a_year_do_not_depend_on_how_often_data_are_delivered():
    once, twice = (calibration(build_city(4_000, seed=2, dates_per_year=dates)) for dates in (1, 2))
    for key in ("divorce", "moves_0_4", "hardship", "long_absence"):
        assert 0.7 < once[key].value / twice[key].value < 1.4, key
