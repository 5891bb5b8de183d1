"""The outbox and the postman: told once, gathered, delivered once by however many, through every fault of a server."""

import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.house import House, new_house
from tests.notify.post_office import drips, drops_in_data, free_port, post_office, rude_office
from tests.simulation.crash import DyingEngine, Fuse, ProcessDied
from zelo.access.may import Role
from zelo.access.shell import people
from zelo.engine.contract import Engine
from zelo.engine.schema.access import account
from zelo.engine.schema.notify import cause, notice, outbox
from zelo.flow import postman
from zelo.notify.core import Cause, Kind
from zelo.notify.delivery import Answer, Outcome
from zelo.notify.shell import outbox as rows
from zelo.notify.shell.smtp import Server

ANA, UGO = "ana@exemplo.com.br", "ugo@exemplo.com.br"
MINUTE = timedelta(minutes=1)


def block(number: int = 1) -> Cause:
    return Cause(Kind.BLOCK, f"bloqueio:{number}", f"Bloqueio {number}", f"Bloqueio {number}", "situacao")


def held(number: int) -> Cause:
    return Cause(Kind.HELD, f"parada:{number}", f"Nota {number} parada", f"Nota {number} parada", f"notas/{number}")


@pytest.fixture
def house(new_engine: Callable[[], Engine]) -> House:
    """A company with an administrator and a user; its mail server is told by each test."""
    made = new_house(new_engine(), places=())
    with made.tools.engine.begin() as connection:
        for address, role in ((ANA, Role.ADMINISTRATOR), (UGO, Role.USER)):
            account_id = people.create_account(
                connection, now=made.clock(), chance=made.tools.chance, email=address, name=address[:3], password="x"
            )
            people.grant(connection, now=made.clock(), account_id=account_id, company_id=made.company_id, role=role)
    return made


def served(house: House, port: int, **changes: Any) -> House:
    """The same installation with a mail server at that port of this machine."""
    mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "smtp_timeout_seconds": 2}
    changes = {**mail, "smtp_sender": "zelo <avisos@provedor.com.br>", **changes}
    settings = replace(house.tools.settings, **changes)
    return replace(house, tools=replace(house.tools, settings=settings))


def tell(house: House, *causes: Cause) -> list[bool]:
    with house.tools.engine.begin() as connection:
        return [rows.tell(connection, house.company_id, one, house.clock()) for one in causes]


def work(house: House, send: Callable[..., Answer] | None = None, step: timedelta = timedelta(seconds=3)) -> None:
    """Turn until there is nothing to do now, at each of two instants: what was gathered in the first is due."""
    for _ in range(2):
        house.clock.advance(step)
        while postman.turn(house.tools, **({"send": send} if send else {})):
            pass


def mails(house: House) -> dict[str, Any]:
    """By address."""
    with house.tools.engine.read() as connection:
        return {row.address: row for row in connection.execute(select(outbox))}


def states(house: House) -> dict[str, str]:
    return {address: row.state for address, row in mails(house).items()}


def test_a_cause_is_told_once_however_often_it_is_reported(house: House) -> None:
    assert tell(house, block(), block(), block(2)) == [True, False, True]
    assert tell(house, block()) == [False]
    with post_office() as office:
        there = served(house, office.port)
        work(there)
        assert tell(house, block(), block(2)) == [False, False], "after it was mailed too"
        work(there)
        assert [str(mail["Subject"]) for mail in office.letters] == [
            "[zelo homologação] Provedor de Teste: 2 bloqueios por consumo indevido"
        ] * 2
    assert sorted(envelope.rcpt_tos[0] for envelope in office.envelopes) == [ANA, UGO]


def test_without_a_server_notices_are_kept_and_nothing_fails(house: House) -> None:
    tell(house, block())
    work(house)
    assert states(house) == {ANA: "waiting", UGO: "waiting"}
    house.clock.advance(timedelta(days=6))
    with post_office() as office:
        work(served(house, office.port))
        assert not office.envelopes, "news of last week is none"
    assert states(house) == {ANA: "given up", UGO: "given up"}


def test_30_000_notes_in_a_quarter_of_an_hour_are_one_mail_to_each(house: House) -> None:
    tell(house, *(held(number) for number in range(30_000)))
    with post_office() as office:
        there = served(house, office.port)
        work(there)
        assert not office.envelopes, "the first waits for the others"
        work(there, step=timedelta(minutes=15))
        house.clock.advance(timedelta(hours=3))
        work(there)
        assert [envelope.rcpt_tos[0] for envelope in office.envelopes] == [ANA, UGO]
        assert "30.000 notas paradas" in str(office.letters[0]["Subject"])
        assert len(office.envelopes[0].content or b"") < 50_000
    with house.tools.engine.read() as connection:
        assert connection.execute(select(notice.c.causes)).scalars().all() == [30_000]


def test_a_refused_address_is_given_up_with_its_reason_and_the_other_served(house: House) -> None:
    tell(house, block())
    with post_office() as office:
        office.answers[ANA] = ["550 5.1.1 caixa inexistente"]
        work(served(house, office.port))
    assert states(house) == {ANA: "refused", UGO: "delivered"}
    assert "550 5.1.1 caixa inexistente" in mails(house)[ANA].said


def test_greylisted_is_tried_again_after_a_while(house: House) -> None:
    tell(house, block())
    with post_office() as office:
        office.answers[ANA] = ["451 volte depois"]
        there = served(house, office.port)
        work(there)
        waiting = mails(house)[ANA]
        assert (waiting.state, waiting.tries) == ("retrying", 1)
        assert 25 * MINUTE / 60 <= waiting.due_at - house.clock() <= MINUTE
        work(there, step=MINUTE)
        assert states(house) == {ANA: "delivered", UGO: "delivered"}
        assert len(office.envelopes) == 2


def test_a_server_that_is_down_for_hours_gets_everything_when_it_is_back(house: House) -> None:
    tell(house, block())
    port = free_port()
    there = served(house, port)
    for _ in range(60):
        work(there, step=10 * MINUTE)
    assert set(states(house).values()) == {"retrying"}
    assert mails(house)[ANA].tries < 40, "an hour apart in the end"
    with post_office(port=port) as office:
        work(there, step=timedelta(hours=1))
        assert sorted(envelope.rcpt_tos[0] for envelope in office.envelopes) == [ANA, UGO]


def test_a_broken_line_is_tried_again_with_the_same_message_id(house: House) -> None:
    tell(house, block())
    with rude_office(drops_in_data) as office:
        work(served(house, office.port))
    assert "pode ter chegado" in mails(house)[ANA].said
    with post_office() as good:
        work(served(house, good.port), step=MINUTE)
        assert {str(mail["Message-ID"]) for mail in good.letters} == {
            f"<{row.id}@provedor.com.br>" for row in mails(house).values()
        }


def test_while_a_server_drips_documents_and_database_wait_for_nothing(house: House) -> None:
    tell(house, block())
    with rude_office(drips) as office:
        there = served(house, office.port, smtp_timeout_seconds=1)
        house.clock.advance(timedelta(seconds=3))
        postman._gather(there.tools, house.clock())
        carrying = threading.Thread(target=postman.turn, args=(there.tools,))
        carrying.start()
        for number in range(20):
            assert tell(house, held(number)) == [True]
        assert carrying.is_alive(), "no transaction was open meanwhile"
        carrying.join()
    assert set(states(house).values()) == {"waiting", "retrying"}


def test_two_postmen_at_once_deliver_each_mail_once(house: House) -> None:
    tell(house, *(block(number) for number in range(3)))
    with house.tools.engine.begin() as connection:
        for number in range(18):
            rows.add_address(
                connection, address_id=f"A{number}", company_id=house.company_id, name="suporte",
                address=f"s{number}@exemplo.com.br", now=house.clock(),
            )  # fmt: skip
    with post_office() as office:
        there = served(house, office.port)
        house.clock.advance(timedelta(seconds=3))
        together = threading.Barrier(3)

        def carry() -> None:
            together.wait()
            for _ in range(40):
                postman.turn(there.tools)

        threads = [threading.Thread(target=carry) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        work(there)
        reached = sorted(envelope.rcpt_tos[0] for envelope in office.envelopes)
    assert reached == sorted({*reached})
    assert len(reached) == 20
    with house.tools.engine.read() as connection:
        assert len(connection.execute(select(notice)).all()) == 1
    assert set(states(house).values()) == {"delivered"}


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_crash_beside_the_wire_loses_nothing_and_tells_the_copy_by_its_id(house: House, where: str) -> None:
    tell(house, block())
    sent: list[bytes] = []

    def dying(_server: Server, *, message: bytes, **_: Any) -> Answer:
        if where == "after":
            sent.append(message)
        raise ProcessDied(where)

    def good(_server: Server, *, message: bytes, **_: Any) -> Answer:
        sent.append(message)
        return Answer(Outcome.DELIVERED, "")

    there = served(house, 1)
    house.clock.advance(timedelta(seconds=3))
    with pytest.raises(ProcessDied):
        postman.turn(there.tools, dying)
    work(there, good)
    assert sorted(states(house).values()) == ["delivered", "waiting"], "ours for one lease still"
    work(there, good, step=MINUTE)
    assert set(states(house).values()) == {"delivered"}
    ids = [message.split(b"Message-ID: ")[1].split(b"\r\n")[0] for message in sent]
    assert len(set(ids)) == 2
    assert len(ids) == (3 if where == "after" else 2)


@pytest.mark.parametrize("seed", range(12))
def test_a_crash_at_any_statement_loses_no_cause_and_makes_no_second_notice(house: House, seed: int) -> None:
    """Drawn by seed: the process dies before a statement, before or after a commit, and begins again."""
    chance = random.Random(seed)
    tell(house, block(), *(held(number) for number in range(5)))
    sent: list[str] = []

    def good(_server: Server, *, address: str, message: bytes, **_: Any) -> Answer:
        sent.append(f"{address} {message.split(b'Message-ID: ')[1].split(b'@')[0].decode()}")
        return Answer(Outcome.DELIVERED, "")

    there = served(house, 1)
    fuse = Fuse(chance)
    dying = replace(there, tools=replace(there.tools, engine=DyingEngine(house.tools.engine, fuse)))
    for _ in range(40):
        house.clock.advance(MINUTE)
        fuse._kind, fuse._left = chance.choice(["statement", "before commit", "after commit"]), chance.randint(1, 12)
        try:
            while postman.turn(dying.tools, good):
                pass
        except ProcessDied:
            continue
    fuse.cut()
    work(there, good, step=MINUTE)
    assert fuse.died_at
    assert set(states(house).values()) == {"delivered"}
    with house.tools.engine.read() as connection:
        made = connection.execute(select(notice.c.kind, notice.c.causes).order_by(notice.c.kind)).all()
        assert connection.execute(select(cause.c.key).where(cause.c.notice_id.is_(None))).all() == []
        assert len(connection.execute(select(outbox)).all()) == 4
    assert [tuple(row) for row in made] == [("block", 1), ("held", 5)]
    assert len(set(sent)) == 4, "a mail may go twice, but never under two names"


def test_one_who_slept_through_the_lease_writes_nothing(house: House) -> None:
    tell(house, block())
    there = served(house, 1)
    house.clock.advance(timedelta(seconds=3))

    def slow(_server: Server, **_: Any) -> Answer:
        house.clock.advance(timedelta(minutes=5))
        with there.tools.engine.begin() as connection:
            assert rows.take(connection, house.clock(), MINUTE) is not None
        return Answer(Outcome.REFUSED, "tarde")

    with there.tools.engine.begin() as connection:
        connection.execute(update(account).where(account.c.email == UGO).values(disabled_at=house.clock()))
    postman.turn(there.tools, slow)
    assert states(house) == {ANA: "waiting"}
    assert mails(house)[ANA].tries == 2


def test_whoever_switched_it_off_or_is_disabled_is_not_written_to(house: House) -> None:
    with house.tools.engine.begin() as connection:
        ids = {row.email: row.id for row in connection.execute(select(account))}
        rows.choose(connection, account_id=ids[UGO], company_id=house.company_id, wanted=False)
        connection.execute(update(account).where(account.c.id == ids[ANA]).values(disabled_at=house.clock()))
    tell(house, block())
    work(house)
    assert states(house) == {}
    with house.tools.engine.begin() as connection:
        rows.choose(connection, account_id=ids[UGO], company_id=house.company_id, wanted=True)
    tell(house, block(2))
    work(house)
    assert states(house) == {UGO: "waiting"}


def test_one_address_that_cannot_be_does_not_keep_the_others(house: House) -> None:
    with house.tools.engine.begin() as connection:
        connection.execute(update(account).where(account.c.email == ANA).values(email="ana@@exemplo"))
    tell(house, block())
    with post_office() as office:
        work(served(house, office.port))
    assert states(house) == {"ana@@exemplo": "refused", UGO: "delivered"}
    assert "corrija-o no cadastro" in mails(house)["ana@@exemplo"].said
