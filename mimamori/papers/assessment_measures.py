"""The part of the privacy impact assessment on what is done at each stage, who may do what, and how keys lie."""

from collections.abc import Sequence
from datetime import timedelta
from operator import attrgetter

from governance import (
    access,
    alerts,
    artefacts,
    break_glass,
    custody,
    disclosure,
    gate,
    releases,
    reviews,
    suppression,
    views,
    wrapping,
)
from governance.account_state import Role
from governance.policy import Action, Scope, cells, policy
from governance.register import confirm
from governance.runlog import Kind
from linkage.acceptance import accept
from mimamori.papers.assessment_basis import Basis, Words
from mimamori.papers.paper import Section, Table, saying, shown
from mimamori.release_cases import SMALL_SCHOOL
from mimamori.releasing import draft


def measures(basis: Basis, words: Words) -> Section:
    """What is done at each stage of the handling, and what the city does outside the system."""
    title = words.say("measures_title")
    fields = [words.field(name) for name in ("physical", "network", "backup", "incident")]
    return Section(title, [], [words.facts(title, [*_in_use(basis, words), *_stored_and_given(words), *fields])])


def _in_use(basis: Basis, words: Words) -> Sequence[tuple[str, str, str]]:
    say, fact, settings = words.say, words.fact, basis.settings
    share = f"{100 * settings.max_set_aside:g} %"
    second = say("yes" if settings.second_reviewer else "no")
    versions = say(
        "rules_said",
        indicators=basis.rules.indicators.version[:12],
        judgements=basis.rules.judgements.version[:12],
        scorecard=say("none") if basis.scorecard is None else basis.scorecard[:12],
    )
    accounts = say("accounts_some" if basis.has_accounts else "accounts_none")
    return [
        fact(say("rows_checked"), say("rows_checked_said", share=share), accept),
        fact(
            say("links"),
            say("links_said", confidence=settings.min_link_confidence, second=second),
            reviews.decide,
            "mimamori.toml",
        ),
        fact(say("rules"), versions, gate.hold_rules),
        fact(say("access"), say("access_said", accounts=accounts), access.require, confirm, "governance/policy.toml"),
        fact(
            say("views"),
            say("views_said", count=shown(basis.entries[Kind.VIEW], saying(words.language))),
            views.log_view,
        ),
        fact(
            say("emergency"),
            say("emergency_said", minutes=break_glass.LONGEST // timedelta(minutes=1)),
            break_glass.use,
            break_glass.review,
        ),
        fact(say("alerts"), say("alerts_said", many=settings.access.views_per_day), alerts.raise_alert),
    ]


def _stored_and_given(words: Words) -> Sequence[tuple[str, str, str]]:
    say, fact = words.say, words.fact
    released = say(
        "releases_said",
        threshold=disclosure.THRESHOLD,
        rounding=disclosure.ROUNDING,
        protection=f"{suppression.PROTECTION:g}",
        small_school=SMALL_SCHOOL,
    )
    return [
        fact(say("encryption"), say("encryption_said"), artefacts.write_frame, custody.RunKeys, wrapping.wrapped),
        fact(say("releases"), released, draft, suppression.protect, releases.publish),
    ]


def roles_and_keys(basis: Basis, words: Words) -> Section:
    """Tables of the roles and of the keys."""
    return Section(words.say("roles_title"), [], [_roles(words), _keys(basis, words)])


def _roles(words: Words) -> Table:
    stated, title = policy(), attrgetter(f"title.{words.language}")
    said = attrgetter(words.language)
    rows = []
    for role in Role:
        reached: dict[Scope, list[str]] = {}
        for action in Action:
            reached.setdefault(cells()[role, action].scope, []).append(said(stated.actions[action]))
        rows += [
            (title(stated.roles[role]), said(stated.scopes[scope]), " / ".join(actions))
            for scope, actions in sorted(reached.items())
            if scope is not Scope.NONE
        ]
    return words.table(words.say("roles_title"), rows, ("role", "scope", "actions"))


def _keys(basis: Basis, words: Words) -> Table:
    rows = []
    for name in custody.NAMES:
        keeper = basis.settings.keys.get(name) or wrapping.Keeper()
        method = words.say(f"method_{keeper.method.value}")
        how = method if keeper.folder is None else words.say("elsewhere", method=method)
        rows.append((f"{name}.key", how, words.say(f"custody.opens_{name}")))
    return words.table(words.say("keys_title"), rows, ("key", "method", "opens"))
