"""What an operator reads of a delivery's notices and rejects."""

import polars as pl
import pytest

from linkage.delivery import DeliveredFile, Delivery, Notice
from mimamori.summary import TOGETHER, notice_lines
from vocabulary.frames import REJECTS


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("MIMAMORI_LANG", "en")


def delivery(*notices, files):
    read = tuple(DeliveredFile(source, name, "0" * 64, 9, 9, 0) for source, name in files)
    return Delivery({}, pl.DataFrame(schema=REJECTS), notices, read)


HALF_YEARLY = [("health", f"health/{year}-04-01.csv") for year in range(2012, 2024)]


def test_twelve_files_of_a_source_give_one_line_a_kind():
    notices = [Notice("delivery.lost_characters", {"file": name, "rows": 2}) for _, name in HALF_YEARLY]
    notices += [Notice("delivery.no_rows", {"file": name}) for _, name in HALF_YEARLY[:3]]
    lines = notice_lines(delivery(*notices, files=HALF_YEARLY))
    assert len(lines) == 2
    assert lines[0].startswith("health: in 24 rows of 12 files")
    assert "health/2012-04-01.csv" in lines[0]
    assert lines[1].startswith("health: 3 files hold a header and no rows")


def test_sources_and_different_headers_are_told_apart():
    files = [*HALF_YEARLY[:2], ("school", "school.csv")]
    notices = [
        Notice("delivery.lost_characters", {"file": "school.csv", "rows": 5}),
        Notice("delivery.lost_characters", {"file": files[0][1], "rows": 1}),
        Notice("delivery.headers_unknown", {"file": files[0][1], "headers": "備考"}),
        Notice("delivery.headers_unknown", {"file": files[1][1], "headers": "memo"}),
        Notice("delivery.source_absent", {"source": "welfare"}),
    ]
    assert notice_lines(delivery(*notices, files=files)) == [str(notice) for notice in notices]


def test_cells_of_two_columns_are_told_apart():
    file = HALF_YEARLY[0]
    notices = [
        Notice("delivery.unreadable_blanked", {"file": file[1], "rows": 1, "column": name})
        for name in ("sex", "birth_date")
    ]
    assert notice_lines(delivery(*notices, files=[file])) == [str(notice) for notice in notices]


@pytest.mark.parametrize("key", TOGETHER)
def test_every_notice_of_a_file_can_be_told_together(key):
    notices = [Notice(key, {"file": name, "rows": 1, "headers": "備考", "column": "sex"}) for _, name in HALF_YEARLY]
    (line,) = notice_lines(delivery(*notices, files=HALF_YEARLY))
    assert "12 files" in line
