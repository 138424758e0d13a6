"""Keys are their owner's alone, bound to their run and class, and gone when destroyed."""

import pytest

from governance.custody import WRAPPED_BY, Custody, DataClass
from vocabulary.errors import IntegrityError, WorkspaceError

RUN = "20260601T000000000Z-aaaaaa"


@pytest.fixture
def custody(tmp_path):
    made = Custody(tmp_path / "keys")
    made.create()
    return made


@pytest.fixture
def keys(custody, tmp_path):
    return custody.new_run_keys(RUN, tmp_path / "wrapped")


def test_every_class_of_data_has_a_wrapping_key_and_identities_one_of_their_own():
    assert set(WRAPPED_BY) == set(DataClass)
    by_name = {DataClass.EXTRACTS, DataClass.IDENTITIES}
    assert {WRAPPED_BY[data_class] for data_class in by_name} == {"identities.key"}
    assert {WRAPPED_BY[data_class] for data_class in set(DataClass) - by_name} == {"root.key"}


@pytest.mark.parametrize("data_class", DataClass)
def test_a_document_is_read_back(keys, data_class):
    stored = keys.encrypt(data_class, "name", b"content")
    assert b"content" not in stored
    assert stored != keys.encrypt(data_class, "name", b"content")
    assert keys.decrypt(data_class, "name", stored) == b"content"


def test_a_document_of_another_name_class_or_run_or_changed_is_not_read(keys, custody, tmp_path):
    stored = keys.encrypt(DataClass.STATISTICS, "name", b"content")
    other = custody.new_run_keys("20260601T000000000Z-bbbbbb", tmp_path / "other")
    for reader, data_class, name, data in [
        (keys, DataClass.STATISTICS, "other", stored),
        (keys, DataClass.PSEUDONYMOUS, "name", stored),
        (other, DataClass.STATISTICS, "name", stored),
        (keys, DataClass.STATISTICS, "name", stored[:-1] + bytes([stored[-1] ^ 1])),
        (keys, DataClass.STATISTICS, "name", stored[:20]),
    ]:
        with pytest.raises(IntegrityError, match=f"{name} is not what was written"):
            reader.decrypt(data_class, name, data)


def test_without_its_wrapped_key_a_class_is_gone_and_the_others_are_not(keys):
    stored = {data_class: keys.encrypt(data_class, "name", b"content") for data_class in DataClass}
    (keys.folder / "identities.json").unlink()
    with pytest.raises(WorkspaceError, match="key of identities was destroyed"):
        keys.decrypt(DataClass.IDENTITIES, "name", stored[DataClass.IDENTITIES])
    assert keys.decrypt(DataClass.PSEUDONYMOUS, "name", stored[DataClass.PSEUDONYMOUS]) == b"content"


def test_identities_stay_closed_without_their_custodians_key(keys, custody):
    stored = {data_class: keys.encrypt(data_class, "name", b"content") for data_class in DataClass}
    (custody.folder / "identities.key").unlink()
    with pytest.raises(WorkspaceError, match="the key is not there"):
        keys.decrypt(DataClass.IDENTITIES, "name", stored[DataClass.IDENTITIES])
    assert keys.decrypt(DataClass.STATISTICS, "name", stored[DataClass.STATISTICS]) == b"content"


@pytest.mark.parametrize("content", ["", "{}", '{"key": 1}', '{"key": "AAAA"}', "[]", '{"key": "%"}'])
def test_a_wrapped_key_that_is_none_is_said(keys, content):
    (keys.folder / "statistics.json").write_text(content)
    with pytest.raises(IntegrityError, match="key of statistics is not the one it was made with"):
        keys.check(DataClass.STATISTICS)


def test_a_key_that_others_can_read_is_not_used(keys, custody):
    (custody.folder / "root.key").chmod(0o640)
    with pytest.raises(WorkspaceError, match="chmod 600"):
        keys.check(DataClass.STATISTICS)


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff\xfe"])
def test_a_broken_key_is_said(keys, custody, content):
    (custody.folder / "root.key").write_bytes(content)
    with pytest.raises(WorkspaceError, match="not readable as a key"):
        keys.check(DataClass.STATISTICS)


def test_no_key_is_ever_made_anew(custody):
    before = {path: path.read_bytes() for path in custody.folder.rglob("*") if path.is_file()}
    custody.create()
    assert {path: path.read_bytes() for path in custody.folder.rglob("*") if path.is_file()} == before
    assert len(set(before.values())) == len(before) == 4 + len(DataClass)


def test_a_secret_lasts_and_is_another_for_every_purpose_and_workspace(custody, tmp_path):
    other = Custody(tmp_path / "other")
    other.create()
    assert custody.secret("spine") == custody.secret("spine")
    assert len({custody.secret("spine"), custody.secret("research"), other.secret("spine")}) == 3
    assert len(custody.secret("spine")) == 32
