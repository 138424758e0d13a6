"""Names of schools: read from the file a city saves from its spreadsheet, and refused where they would mislead."""

import csv

import pytest

from vocabulary.errors import SpecificationError
from vocabulary.schools import FILE, LONGEST, load_schools, school_words

ROWS = '学校コード,学校名,name_en\r\nE01,第一小学校,Daiichi Elementary\r\n,,\r\n J02 ,"第二,中学校",\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_of_a_spreadsheet_is_read(tmp_path, encoding):
    (tmp_path / FILE).write_bytes(ROWS.encode(encoding))
    schools = load_schools(tmp_path)
    assert school_words(schools, "E01", "ja") == "第一小学校(E01)"
    assert school_words(schools, "E01", "en") == "Daiichi Elementary (E01)"
    assert school_words(schools, "J02", "en") == "第二,中学校 (J02)"
    assert school_words(schools, "X99", "ja") == "X99"


def test_without_a_file_there_are_codes(tmp_path):
    assert load_schools(None) == load_schools(tmp_path) == {}


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "header"),
        (b"code\nE01\n", "header"),
        (b"code,name,district\nE01,a,b\n", "header"),
        (b"code,name,name\nE01,a,b\n", "header"),
        (b"code,name\nE01,\n", "line"),
        (b"code,name\n,a\n", "line"),
        (b"code,name\nE01\n", "line"),
        (b"code,name\nE01,a\x07b\n", "line"),
        ("code,name\nE01,a\u202eb\n".encode(), "line"),
        (b"code,name\nE01," + b"a" * (LONGEST + 1), "line"),
        (b"code,name\nE01,Minami, East\n", "line"),
        (b"code,name,name_en\nE01,a,Minami, East\n", "line"),
        (b'code,name\nE01,"a\nJ02,b\n', "line"),
        (b'code,name\nE01,"a\nb"\n', "line"),
        (b'code,name\nE01,"a" b\n', "line"),
        (b"code,name\nE01," + b"a" * (csv.field_size_limit() + 1), "line"),
        (b"code,name\nE01,a\nE01,b\n", "twice"),
        (b"code,name\nE01,\x81\n", "not_text"),
    ],
)
def test_what_is_not_well_formed_is_refused(tmp_path, content, key):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(SpecificationError) as refused:
        load_schools(tmp_path)
    assert refused.value.key == f"specification.schools_{key}"
    assert FILE in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_the_line_that_is_named_is_where_the_quotation_mark_opens(tmp_path):
    (tmp_path / FILE).write_bytes(b'code,name\r\nE01,a\r\nE02,"b\r\nE03,c\r\n')
    with pytest.raises(SpecificationError) as refused:
        load_schools(tmp_path)
    assert refused.value.values["line"] == 3
