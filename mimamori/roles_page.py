"""`docs/roles.md`: the policy of roles as a page, in Japanese and English, made from `governance/policy.toml`.

`python -m mimamori.roles_page` prints it.
"""

from governance.account_state import Role
from governance.policy import Action, Scope, cells, policy

SIGNS = {
    Scope.ALL: "●",
    Scope.OWN_ASSIGNMENTS: "担当 / case",
    Scope.OWN_SCHOOL: "自校 / school",
    Scope.OWN_DEPARTMENT: "自部署 / dept",
    Scope.STATISTICS: "統計 / stat",
    Scope.NONE: "–",
}
"""How a scope stands in the table."""

LEAD = """\
# 役割と権限 / Roles and access

このページは`governance/policy.toml`から作られ、同じ定めが実行時に働く。作り直す命令:
`python -m mimamori.roles_page > docs/roles.md`
書かれていないことはできない。できないことをしようとすると、行われず、実行記録簿に拒否として残る。
アカウントが一つもない間は、この機械の利用者が一人で運用し、すべてを行える。

This page is made from `governance/policy.toml`, which is what the program asks. To make it anew:
`python -m mimamori.roles_page > docs/roles.md`.
What is not granted is denied, and the attempt is logged as a refusal. As long as no account was ever active, the user
of the operating system works alone and may do everything.
"""


def roles_page() -> str:
    """The page as Markdown."""
    parts = [LEAD, *_roles(), *_table(), *_reasons(), *_denials()]
    return "\n".join(parts) + "\n"


def _roles() -> list[str]:
    lines = ["## 役割 / Roles", "", "| | 役割 / role | 務め / task |", "|---|---|---|"]
    for role, stated in policy().roles.items():
        lines.append(f"| `{role}` | {stated.title.ja} / {stated.title.en} | {stated.task.ja} / {stated.task.en} |")
    return [*lines, ""]


def _table() -> list[str]:
    lines = ["## 権限の表 / What each may do", ""]
    lines += [f"- {SIGNS[scope]}: {title.ja} / {title.en}" for scope, title in policy().scopes.items()]
    titles = [policy().roles[role].title for role in Role]
    lines += ["", "| | " + " | ".join(f"{title.ja}<br>{title.en}" for title in titles) + " |"]
    lines.append("|---" * (len(Role) + 1) + "|")
    for action in Action:
        title = policy().actions[action]
        signs = [SIGNS[cells()[role, action].scope] for role in Role]
        lines.append(f"| {title.ja} / {title.en} (`{action}`) | " + " | ".join(signs) + " |")
    return [*lines, ""]


def _reasons() -> list[str]:
    lines = [
        "## 理由 / Why",
        "",
        "| 役割 / roles | こと / actions | 範囲 / scope | 理由 / reason |",
        "|---|---|---|---|",
    ]
    for rule in policy().rules:
        roles = "、".join(policy().roles[role].title.ja for role in rule.roles)
        actions = ", ".join(f"`{action}`" for action in rule.actions)
        lines.append(f"| {roles} | {actions} | {SIGNS[rule.scope]} | {rule.reason.ja} / {rule.reason.en} |")
    return [*lines, ""]


def _denials() -> list[str]:
    lines = ["## ほかがすべて不可である理由 / Why all else is denied", ""]
    return lines + [f"- **{one.title.ja}** {one.denied.ja} / {one.denied.en}" for one in policy().roles.values()]


if __name__ == "__main__":
    print(roles_page(), end="")  # noqa: T201 - a page for a file
