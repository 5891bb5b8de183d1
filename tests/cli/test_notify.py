"""`zelo notify test`: a mail arrives, or one sentence says why it did not."""

from pathlib import Path

import pytest

from tests.cli.installation import Run
from tests.notify.post_office import PASSWORD, USER, ca_file, drips, free_port, post_office, rude_office, server_context

ANA = "ana@exemplo.com.br"


def mail(port: int, **more: str) -> dict[str, str]:
    """The settings of a mail server at that port of this machine."""
    given = {"HOST": "127.0.0.1", "PORT": str(port), "SECURITY": "none", "SENDER": "avisos@provedor.com.br", **more}
    return {f"ZELO_SMTP_{name}": value for name, value in given.items()}


def test_a_test_mail_arrives_through_tls_with_a_password(run: Run, env: dict[str, str], tmp_path: Path) -> None:
    with post_office(starttls=server_context(tmp_path), auth=True) as office:
        secure = mail(
            office.port, SECURITY="starttls", CA_FILE=ca_file(tmp_path), USER=USER, PASSWORD=PASSWORD
        )  # fmt: skip
        ended = run(env | secure, "notify", "test", ANA)
    assert (ended.code, ended.complained) == (0, "")
    assert "aceitou a mensagem" in ended.said
    assert str(office.letters[0]["Subject"]) == "[zelo] Teste de aviso"


@pytest.mark.parametrize(
    ("more", "address", "told"),
    [
        ({"HOST": ""}, ANA, "não está configurado"),
        ({}, "sem arroba", "Não é um endereço de e-mail"),
        ({"SENDER": ""}, ANA, "diga o remetente"),
        ({"SENDER": "avisos"}, ANA, "smtp_sender: não é um e-mail"),
        ({"USER": "avisos"}, ANA, "vêm juntos"),
        ({"SECURITY": "starttls"}, ANA, "não oferece STARTTLS"),
        ({"USER": USER, "PASSWORD": PASSWORD}, ANA, "não aceita autenticação"),
        ({}, "fora@exemplo.com.br", "550 nao ha essa caixa"),
    ],
)
def test_what_keeps_it_is_one_sentence(
    run: Run, env: dict[str, str], more: dict[str, str], address: str, told: str
) -> None:
    with post_office() as office:
        office.answers["fora@exemplo.com.br"] = ["550 nao ha essa caixa"]
        ended = run(env | mail(office.port, **more), "notify", "test", address)
    assert ended.code == 1
    assert told in ended.sentence
    assert not office.envelopes


def test_a_wrong_certificate_a_wrong_password_and_silence_are_told_apart(
    run: Run, env: dict[str, str], tmp_path: Path
) -> None:
    with post_office(starttls=server_context(tmp_path), auth=True) as office:
        unknown = run(env | mail(office.port, SECURITY="starttls"), "notify", "test", ANA)
        secure = mail(office.port, SECURITY="starttls", CA_FILE=ca_file(tmp_path), USER=USER, PASSWORD="errada")
        wrong = run(env | secure, "notify", "test", ANA)
    with rude_office(drips) as rude:
        silent = run(env | mail(rude.port, TIMEOUT_SECONDS="1"), "notify", "test", ANA)
    assert "certificado do servidor" in unknown.sentence
    assert "não aceitou o usuário e a senha" in wrong.sentence
    assert "não terminou em 1 segundos" in silent.sentence
    assert "errada" not in wrong.complained


def test_the_doctor_looks_at_the_mail_server(run: Run, env: dict[str, str]) -> None:
    assert "Não configurado" in run(env, "doctor").said
    with post_office() as office:
        assert "O servidor de e-mail atende" in run(env | mail(office.port), "doctor").said
    ended = run(env | mail(free_port()), "doctor")
    assert ended.code == 1
    assert "recusou a conexão" in ended.said
