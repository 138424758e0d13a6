"""Encodings told apart, and bytes that are no character marked rather than guessed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.decoding import UNREADABLE, decode
from vocabulary.errors import DeliveryError

TEXT = "local_id,姓\n1,佐藤\n2,髙橋\n3,﨑山\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_make_no_difference(encoding, line_end):
    assert decode(TEXT.replace("\n", line_end).encode(encoding), "auto", "f") == TEXT


def test_one_bad_byte_does_not_turn_utf8_into_cp932():
    data = (TEXT * 5).encode().replace("佐".encode(), b"\x80", 1)
    assert decode(data, "auto", "f") == (TEXT * 5).replace("佐", UNREADABLE, 1)


@pytest.mark.parametrize("byte", [b"\x80", b"\xa0", b"\xfd", b"\xfe", b"\xff"])
def test_bytes_cp932_passes_over_are_marked(byte):
    data = (TEXT * 5).encode("cp932").replace("佐".encode("cp932"), byte, 1)
    assert decode(data, "cp932", "f") == (TEXT * 5).replace("佐", UNREADABLE, 1)


def test_vendor_characters_become_private_use():
    assert decode(b"\xf0\x40\xf9\xfc", "cp932", "f") == "\ue000\ue757"


def test_a_declared_encoding_is_not_guessed():
    with pytest.raises(DeliveryError) as refused:
        decode(TEXT.encode("cp932"), "utf-8", "school.csv")
    assert refused.value.values == {"file": "school.csv", "line": 1}


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["auto", "utf-8", "cp932"]))
def test_any_bytes_are_text_or_refused_with_a_line_of_the_file(data, encoding):
    try:
        text = decode(data, encoding, "f")
    except DeliveryError as refused:
        line = refused.values["line"]
    else:
        line = 1
        text.encode("utf-8")
    assert 1 <= line <= data.count(b"\n") + data.count(b"\r") + 1
