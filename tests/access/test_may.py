"""Who may do what: the whole table, spelled out again."""

from itertools import product
from typing import Final

import pytest

from zelo.access.may import BY_WORD, Action, Person, Role, may

OURS: Final = "company"
OTHERS: Final = "other company"

EVERYBODY_KNOWN: Final = {Action.ENTER}
READERS: Final = {Action.VIEW}
USERS: Final = READERS | {Action.EMIT, Action.QUERY, Action.RELEASE, Action.CANCEL}
ADMINISTRATORS: Final = USERS | {
    Action.RELEASE_MAXIMUM,
    Action.SET_LIMITS,
    Action.SET_BILLING,
    Action.CANCEL_MANY,
    Action.CONTINGENCY,
    Action.RESOLVE,
    Action.MANAGE_ESTABLISHMENTS,
    Action.MANAGE_CERTIFICATES,
    Action.MANAGE_PEOPLE,
    Action.VIEW_AUDIT,
}
INSTALLATION: Final = {Action.CREATE_COMPANY, Action.REVIEW_CODES}
ALLOWED: Final[dict[Role | None, set[Action]]] = {
    None: set(),
    Role.READER: READERS,
    Role.USER: USERS,
    Role.ADMINISTRATOR: ADMINISTRATORS,
}


def person(role: Role | None, *, installs: bool = False) -> Person:
    roles = {} if role is None else {OURS: role}
    return Person("id", "Ana", roles, installation_admin=installs)


def test_every_action_stands_in_this_table_once() -> None:
    groups = [EVERYBODY_KNOWN, ADMINISTRATORS, INSTALLATION]
    assert sorted(action.name for group in groups for action in group) == sorted(action.name for action in Action)


@pytest.mark.parametrize(("action", "role", "installs"), list(product(Action, ALLOWED, [True, False])))
def test_the_whole_table(action: Action, role: Role | None, installs: bool) -> None:  # noqa: FBT001 a table of cases
    who = person(role, installs=installs)
    expected = action in EVERYBODY_KNOWN or action in ALLOWED[role] or (installs and action in INSTALLATION)
    assert may(who, action, OURS) is expected
    without_company = action in EVERYBODY_KNOWN or (installs and action in INSTALLATION)
    assert may(who, action, OTHERS) is without_company
    assert may(who, action, None) is without_company
    assert may(who, action, "") is without_company
    assert not may(None, action, OURS)


def test_a_role_in_one_company_is_none_in_another() -> None:
    who = Person("id", "Ana", {OURS: Role.READER, OTHERS: Role.ADMINISTRATOR})
    assert not may(who, Action.EMIT, OURS)
    assert may(who, Action.EMIT, OTHERS)


def test_whoever_runs_the_installation_sees_no_company_by_that() -> None:
    who = person(None, installs=True)
    assert {action for action in Action if may(who, action, OURS)} == EVERYBODY_KNOWN | INSTALLATION


def test_roles_have_words_and_labels() -> None:
    assert [(role.word, role.rotulo) for role in Role] == [
        ("reader", "Leitura"),
        ("user", "Usuário"),
        ("administrator", "Administrador"),
    ]
    assert {word: BY_WORD[word] for word in BY_WORD} == {role.word: role for role in Role}


def test_every_action_says_what_it_means() -> None:
    assert len({action.meaning for action in Action}) == len(Action)
    assert len({action.value for action in Action}) == len(Action), "equal values would be one action under two names"


def test_who_acted_is_named_with_the_id() -> None:
    assert person(None).actor == "Ana (id)"
