"""The way out, against a real server: what it takes, what it refuses, and how long we let it take."""

import time
from pathlib import Path

import pytest

from tests.notify.post_office import (
    PASSWORD,
    USER,
    ca_file,
    drips,
    drops_in_data,
    free_port,
    post_office,
    rude_office,
    server_context,
)
from zelo.notify.delivery import Answer, Outcome
from zelo.notify.shell import smtp
from zelo.notify.shell.smtp import Server

SENDER = "avisos@provedor.com.br"
ANA = "ana@exemplo.com.br"
MESSAGE = b"From: avisos@provedor.com.br\r\nSubject: teste\r\n\r\n.linha com ponto\r\nfim\r\n"


def send(server: Server, address: str = ANA) -> Answer:
    return smtp.send(server, sender=SENDER, address=address, message=MESSAGE)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_message_goes_through_tls_that_is_proven_and_comes_out_whole(tmp_path: Path, security: str) -> None:
    context = server_context(tmp_path)
    with post_office(**{security: context}) as office:  # type: ignore[arg-type]
        server = office.to(security=security, ca_file=ca_file(tmp_path))
        assert send(server).outcome is Outcome.DELIVERED
        [envelope] = office.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, [ANA])
    assert envelope.content == MESSAGE


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_ends_it_before_a_word_is_said(tmp_path: Path, security: str) -> None:
    with post_office(**{security: server_context(tmp_path)}) as office:  # type: ignore[arg-type]
        answer = send(office.to(security=security))
    assert answer.outcome is Outcome.DEFERRED
    assert "certificado do servidor 127.0.0.1" in answer.said
    assert not office.envelopes


def test_a_certificate_of_another_name_is_refused(tmp_path: Path) -> None:
    with post_office(starttls=server_context(tmp_path), host="127.0.0.2") as office:
        answer = send(office.to(host="127.0.0.2", security="starttls", ca_file=ca_file(tmp_path)))
    assert answer.outcome is Outcome.DEFERRED
    assert "não confere" in answer.said
    assert not office.envelopes


def test_a_server_without_starttls_gets_nothing() -> None:
    with post_office() as office:
        answer = send(office.to(security="starttls"))
    assert answer.outcome is Outcome.DEFERRED
    assert "não oferece STARTTLS" in answer.said
    assert not office.envelopes


def test_tls_spoken_to_who_does_not_is_told_and_not_hung_upon() -> None:
    with post_office() as office:
        answer = send(office.to(security="tls"))
    assert answer.outcome is Outcome.DEFERRED
    assert "não fala TLS" in answer.said


def test_user_and_password_open_and_wrong_ones_wait_to_be_mended(tmp_path: Path) -> None:
    with post_office(starttls=server_context(tmp_path), auth=True) as office:
        server = office.to(security="starttls", ca_file=ca_file(tmp_path), user=USER, password=PASSWORD)
        assert send(server).outcome is Outcome.DELIVERED
        wrong = send(office.to(security="starttls", ca_file=ca_file(tmp_path), user=USER, password="outra"))
        nobody = send(office.to(security="starttls", ca_file=ca_file(tmp_path)))
    assert wrong.outcome is Outcome.DEFERRED, "ours to mend: no warning is lost meanwhile"
    assert "não aceitou o usuário e a senha: 535" in wrong.said
    assert nobody.outcome is Outcome.DEFERRED
    assert "530" in nobody.said
    assert len(office.envelopes) == 1


def test_greylisted_now_and_accepted_later() -> None:
    with post_office() as office:
        office.answers[ANA] = ["451 4.7.1 Greylisted, come back"]
        first, second = send(office.to()), send(office.to())
    assert first.outcome is Outcome.DEFERRED
    assert "451 4.7.1 Greylisted" in first.said
    assert second.outcome is Outcome.DELIVERED


def test_one_recipient_refused_for_good_and_the_other_served() -> None:
    with post_office() as office:
        office.answers["fora@exemplo.com.br"] = ["550 5.1.1 No such user 529.982.247-25 here\x07"]
        refused, served = send(office.to(), "fora@exemplo.com.br"), send(office.to())
    assert refused.outcome is Outcome.REFUSED
    assert refused.said.endswith("recusou o destinatário: 550 5.1.1 No such user ***.982.247-** here.")
    assert served.outcome is Outcome.DELIVERED


@pytest.mark.parametrize(("code", "outcome"), [("552 too big", Outcome.REFUSED), ("452 full", Outcome.DEFERRED)])
def test_a_message_refused_after_it_was_read(code: str, outcome: Outcome) -> None:
    with post_office() as office:
        office.after_data = [code]
        answer = send(office.to())
    assert answer.outcome is outcome
    assert "recusou a mensagem" in answer.said


def test_a_line_that_breaks_in_the_middle_of_the_message_is_an_unknown_outcome() -> None:
    with rude_office(drops_in_data) as office:
        answer = send(office.to())
    assert answer.outcome is Outcome.UNKNOWN
    assert "pode ter chegado" in answer.said


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_server_that_drips_is_cut_off_when_the_whole_time_is_over(security: str) -> None:
    with rude_office(drips) as office:
        begun = time.monotonic()
        answer = send(office.to(security=security, seconds=1))
        took = time.monotonic() - begun
    assert answer.outcome is Outcome.DEFERRED
    assert took < 3, "each byte came well within any single wait"
    if security != "tls":
        assert "não terminou em 1 segundos" in answer.said


@pytest.mark.parametrize(
    ("host", "told"), [("127.0.0.1", "recusou a conexão"), ("nao-existe.invalid", "não foi encontrado")]
)
def test_nobody_there(host: str, told: str) -> None:
    with rude_office(drips) as office:
        server = office.to(host=host, port=free_port())
    answer = send(server)
    assert answer.outcome is Outcome.DEFERRED
    assert told in answer.said


def test_a_check_enters_and_sends_nothing(tmp_path: Path) -> None:
    with post_office(starttls=server_context(tmp_path), auth=True) as office:
        server = office.to(security="starttls", ca_file=ca_file(tmp_path), user=USER, password=PASSWORD)
        assert smtp.check(server).outcome is Outcome.DELIVERED
    assert not office.envelopes
    assert smtp.check(server).outcome is Outcome.DEFERRED


def test_an_authority_file_that_is_not_there_is_told_too() -> None:
    with post_office() as office:
        answer = send(office.to(ca_file="nao-existe.pem"))
    assert answer.outcome is Outcome.DEFERRED
    assert "smtp_ca_file" in answer.said
