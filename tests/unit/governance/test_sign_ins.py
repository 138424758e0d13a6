"""What signing in counts, and what of an account changes together."""

import threading
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select

from governance import accounts, clock, passwords, second_factors, sessions, sign_ins, tables
from governance.account_state import Role
from governance.sign_in_tries import LIMITS, Counted, Visitor, count, take_out
from tests.accounts import ADMINISTRATOR, PASSWORD, enter
from vocabulary.errors import RefusalError, WorkspaceError

HERE = Visitor("192.0.2.1")
WRONG = "not-the-password-1"
FREE = LIMITS[Counted.PAIR].free


@pytest.fixture
def moved(monkeypatch):
    """A function that moves the clock."""
    times = [datetime(2026, 11, 2, 9, 0, tzinfo=UTC)]
    monkeypatch.setattr(clock, "now", lambda: times[-1])
    return lambda **lengths: times.append(times[-1] + timedelta(**lengths))


@pytest.fixture
def staffed(workspace, moved):
    enter(workspace, {"sato": Role.ANALYST})
    return workspace


def counts(workspace):
    table = tables.sign_in_tries
    with workspace.reading() as connection:
        return [tuple(row) for row in connection.execute(select(table).order_by(table.c.key))]


def signed_in(workspace, name="sato"):
    """A whole session, its token, and the secret of the second factor."""
    token = sign_ins.by_password(workspace, name, PASSWORD, HERE)
    secret = sign_ins.secret_to_set(workspace, token)
    made = sign_ins.by_code(workspace, token, pyotp.TOTP(secret).at(clock.now()), HERE)
    return sessions.find(workspace, made.token), made.token, secret


def ways(workspace, session, token):
    """Each way in which a password is compared."""
    return {
        "sign in": lambda: sign_ins.by_password(workspace, "sato", PASSWORD, HERE),
        "confirm": lambda: sign_ins.confirm_again(workspace, session, PASSWORD, "000000", HERE),
        "change": lambda: sign_ins.change_password(workspace, session, PASSWORD, "kawa-yama-9-tegami", HERE),
        "set up": lambda: sign_ins.set_up(workspace, "sato", token, PASSWORD, HERE),
    }


@pytest.mark.parametrize("way", ["sign in", "confirm", "change", "set up"])
def test_a_try_that_could_not_be_compared_is_no_failure(staffed, moved, monkeypatch, way):
    session, token, _ = signed_in(staffed)
    for _ in range(FREE):
        assert sign_ins.by_password(staffed, "sato", WRONG, HERE) is None
    moved(seconds=31)
    before = counts(staffed)
    monkeypatch.setattr(sign_ins, "HASHING_WAIT", 0)
    monkeypatch.setattr(sign_ins, "HASHING", threading.BoundedSemaphore(1))
    with sign_ins.HASHING:
        for _ in range(FREE):
            with pytest.raises(RefusalError) as refused:
                ways(staffed, session, token)[way]()
            assert refused.value.values == {"seconds": 0}
    assert counts(staffed) == before
    assert sign_ins.by_password(staffed, "sato", PASSWORD, HERE) is not None


def test_what_was_counted_in_between_stays(staffed, moved):
    with staffed.writing() as connection:
        waiting = count(connection, "sato", HERE)
    moved(seconds=1)
    assert sign_ins.by_password(staffed, "sato", WRONG, HERE) is None
    with staffed.writing() as connection:
        take_out(connection, waiting)
    assert {(failures, last_at) for _, failures, last_at in counts(staffed)} == {(1, clock.now().isoformat())}


def test_another_second_factor_and_the_end_of_sessions_are_one_change(staffed, moved, monkeypatch):
    session, token, secret = signed_in(staffed)
    moved(minutes=1)
    halfway = sign_ins.by_password(staffed, "sato", PASSWORD, HERE)
    other = sign_ins.by_code(staffed, halfway, pyotp.TOTP(secret).at(clock.now()), HERE).token
    moved(minutes=1)
    sign_ins.set_anew(staffed, token)
    session = sessions.find(staffed, token)
    code = pyotp.TOTP(session.notes[sign_ins.SECRET]).at(clock.now())

    def dies(*_, **__):
        raise KeyboardInterrupt

    for step in ("note", "end_many"):
        with monkeypatch.context() as patched:
            patched.setattr(sessions, step, dies)
            with pytest.raises(KeyboardInterrupt):
                sign_ins.replace_second_factor(staffed, token, session, code)
        assert sessions.find(staffed, other) is not None
        assert sessions.find(staffed, token).notes == session.notes
        with staffed.writing() as connection:
            assert second_factors.take(staffed, connection, "sato", pyotp.TOTP(secret).at(clock.now()))
        moved(seconds=30)
        code = pyotp.TOTP(session.notes[sign_ins.SECRET]).at(clock.now())
    assert sign_ins.replace_second_factor(staffed, token, session, code)
    assert sessions.find(staffed, other) is None
    assert sessions.find(staffed, token).notes == {}


def test_a_password_is_judged_only_for_who_has_the_token(staffed, monkeypatch):
    made = accounts.invite(staffed, "sato", actor=ADMINISTRATOR)
    judged = []
    monkeypatch.setattr(passwords, "refuse_weak", lambda name, _: judged.append(name))
    for name, token in [("sato", "x"), ("nobody", made.token), ("", "")]:
        for _ in range(FREE):
            with pytest.raises(WorkspaceError, match="do not fit"):
                sign_ins.set_up(staffed, name, token, PASSWORD, HERE)
        with pytest.raises(RefusalError):
            sign_ins.set_up(staffed, name, token, PASSWORD, HERE)
    assert judged == []
    sign_ins.set_up(staffed, "sato", made.token, PASSWORD, Visitor("192.0.2.2"))
    assert judged == ["sato"]


def test_a_password_made_to_be_hard_to_judge_is_judged_by_its_beginning(monkeypatch):
    looked_at = []
    monkeypatch.setattr("zxcvbn.zxcvbn", lambda password, **_: looked_at.append(password) or {"score": 4})
    passwords.refuse_weak("sato", "@4{‹[(3€69!1|0$5+7%2'" * 10)
    assert [len(password) for password in looked_at] == [32]


def test_a_weak_password_is_no_try_of_the_token(staffed):
    made = accounts.invite(staffed, "sato", actor=ADMINISTRATOR)
    with pytest.raises(WorkspaceError, match="do not fit"):
        sign_ins.set_up(staffed, "sato", "x", PASSWORD, HERE)
    before = counts(staffed)
    for _ in range(FREE + 1):
        with pytest.raises(WorkspaceError, match="easily guessed"):
            sign_ins.set_up(staffed, "sato", made.token, "abcabcabcabc", HERE)
    assert counts(staffed) == before
    sign_ins.set_up(staffed, "sato", made.token, PASSWORD, HERE)
