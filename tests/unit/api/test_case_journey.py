"""Two workers, each signed in with a second factor, from the list to a case that is handed over and closed."""

import re

from governance import cases
from governance.account_state import Role
from governance.case_state import CaseState
from governance.verify import verify
from tests.unit.api.sign_in_client import FIRST, Browser, add_account, moved

__all__ = ["moved"]


def seen(page):
    return re.search(r'name="seen" value="(\d+)"', page.text).group(1)


def test_two_workers_from_the_list_to_the_end(workspace, moved):
    add_account(workspace, FIRST, Role.ADMINISTRATOR, actor="os:test")
    for name in ("sato", "suzuki"):
        add_account(workspace, name)
    sato = Browser(workspace)
    suzuki = Browser(workspace, application=sato.application, address="192.0.2.2")
    assert sato.ask("/cases").status_code == 303, "nobody is signed in"
    sato.sign_in("sato")
    suzuki.sign_in("suzuki")
    assert sato.ask("/children/p00003").status_code == 403, "not in one's own hands"
    address = sato.submit("/cases", year="2025", person_id="p00003").headers["location"]
    assert sato.ask("/children/p00003").status_code == 200
    assert address in sato.ask("/children/p00003").text
    assert suzuki.ask("/children/p00003").status_code == 403
    note = {"seen": seen(sato.ask(address)), "text": "担任に電話した"}
    assert suzuki.submit(f"{address}/note", **note).status_code == 403
    assert sato.submit(f"{address}/note", **note).status_code == 303
    assert "担任に電話した" not in suzuki.ask(address).text
    handed = sato.submit(f"{address}/hand_over", seen=seen(sato.ask(address)), account="suzuki", text="異動のため")
    assert handed.headers["location"] == "/cases?done=hand_over"
    assert sato.ask("/children/p00003").status_code == 403
    assert "新しく渡された" in suzuki.ask("/cases").text
    assert "担任に電話した" in suzuki.ask(address).text
    closed = suzuki.submit(f"{address}/close", seen=seen(suzuki.ask(address)), choice="settled")
    assert closed.headers["location"] == "/cases?done=close"
    assert suzuki.ask("/children/p00003").status_code == 403
    (case,) = cases.all_cases(workspace)
    assert case.state is CaseState.CLOSED
    assert verify(workspace).findings == ()
