"""What a source specification may say, and what is refused before any file is opened by it."""

import pytest

from vocabulary.errors import SpecificationError
from vocabulary.source import RESERVED, load_source, load_sources

NURSERY = """\
name = "nursery"
title = { ja = "保育", en = "Nursery" }
[measurements]
"""


def written(folder, measurements, file="nursery.toml"):
    path = folder / file
    path.write_text(NURSERY + measurements, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", RESERVED)
def test_a_measurement_may_not_have_a_name_that_stands_for_something_else(tmp_path, name):
    with pytest.raises(SpecificationError, match=name):
        load_source(written(tmp_path, f'{name} = {{ type = "text" }}'))


@pytest.mark.parametrize(
    "measurement",
    [
        'type = "flag", aliases = { "有" = "yes" }',
        'type = "category", values = ["part", "full"], aliases = { "半" = "half" }',
        'type = "codes", values = ["a", "b"], aliases = { "c" = "a;b" }',
        'type = "integer", aliases = { "なし" = "none" }',
        'type = "text", aliases = { "なし" = "none" }',
    ],
)
def test_an_alias_stands_for_a_value_of_its_column(tmp_path, measurement):
    with pytest.raises(SpecificationError, match="aliases"):
        load_source(written(tmp_path, f"care = {{ {measurement} }}"))


@pytest.mark.parametrize(
    "measurement",
    [
        'type = "flag", aliases = { "有" = "1", "無" = "0" }',
        'type = "category", values = ["part", "full"], aliases = { "半" = "part" }',
        'type = "integer", aliases = { "なし" = "0" }',
        'type = "number", aliases = { "約半分" = "-0.5" }',
    ],
)
def test_aliases_of_every_type_that_has_them(tmp_path, measurement):
    assert load_source(written(tmp_path, f"care = {{ {measurement} }}")).measurements["care"].aliases


def test_two_files_of_one_source_are_refused(tmp_path):
    written(tmp_path, 'hours = { type = "number" }', "a.toml")
    written(tmp_path, 'days = { type = "number" }', "b.toml")
    with pytest.raises(SpecificationError, match=r"a\.toml.*b\.toml.*nursery"):
        load_sources(tmp_path)


def test_a_city_adds_a_source_or_replaces_one(tmp_path):
    written(tmp_path, 'hours = { type = "number" }')
    assert set(load_sources(tmp_path)) == {"health", "nursery", "school", "welfare"}
    path = tmp_path / "school.toml"
    path.write_text(NURSERY.replace('"nursery"', '"school"') + 'hours = { type = "number" }', encoding="utf-8")
    assert list(load_sources(tmp_path)["school"].measurements) == ["hours"]


def test_the_grades_a_source_expects_run_upwards(tmp_path):
    path = tmp_path / "nursery.toml"
    path.write_text(NURSERY.replace("[measurements]", "expected_grades = [-5, 0]"), encoding="utf-8")
    assert load_source(path).expected_grades == (-5, 0)
    path.write_text(NURSERY.replace("[measurements]", "expected_grades = [9, 1]"), encoding="utf-8")
    with pytest.raises(SpecificationError, match="expected_grades"):
        load_source(path)
