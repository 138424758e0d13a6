"""The tables beside this file: what a department writes, and what it is read as. They are documentation too."""

import polars as pl
import pytest

from linkage.addresses import address_key, phone_key, postal_key
from linkage.dates import parse_dates
from linkage.names import fold, kana_key, name_key, without_accents
from linkage.sounds import sound_key
from tests.spec import page


def cases(name: str) -> list[tuple[str, str, str]]:
    return [(section, written, read) for section, pairs in page.table(name).items() for written, read in pairs.items()]


@pytest.mark.parametrize(("section", "written", "read"), cases("dates"))
def test_dates(section, written, read):
    day = parse_dates(pl.Series([written])).item()
    assert (day.isoformat() if day else "") == read


@pytest.mark.parametrize(("section", "written", "read"), cases("names"))
def test_names(section, written, read):
    assert name_key(written) == read


@pytest.mark.parametrize("section", ["count as one", "stay apart"])
def test_variants(section):
    pairs = page.table("variants")[section].split()
    assert [pair for pair in pairs if (fold(pair[0]) == fold(pair[1])) != (section == "count as one")] == []


@pytest.mark.parametrize(("section", "written", "read"), cases("readings"))
def test_readings(section, written, read):
    assert kana_key(written) == read


@pytest.mark.parametrize(("section", "written", "read"), cases("addresses"))
def test_addresses(section, written, read):
    assert "|".join(address_key(written)) == read


@pytest.mark.parametrize(("section", "written", "read"), cases("numbers"))
def test_numbers(section, written, read):
    key = {"phone": phone_key, "postal": postal_key}[section]
    assert key(written) == read


@pytest.mark.parametrize(("section", "written", "read"), cases("words"))
def test_words(section, written, read):
    keys = {spelling: sound_key(spelling) for spelling in read.split()}
    key = sound_key(without_accents(written))
    assert all((key == other) == (section != "not caught") for other in keys.values()), (key, keys)


def test_the_page_is_made_from_the_tables():
    assert page.PAGE.read_text(encoding="utf-8") == page.page(), "run: python -m tests.spec.page"
