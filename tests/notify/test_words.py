"""What is told and how: bounded whatever comes in, nothing smuggled into a header, no CPF, the same every time."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from zoneinfo import ZoneInfo

import pytest
from lxml import html

from zelo.access.may import Role
from zelo.fiscal.ambiente import Ambiente
from zelo.notify import causes, core, letter
from zelo.notify.causes import Block, Note
from zelo.notify.core import Cause, Kind, Letter, Member

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Sao_Paulo")
NOTE = Note("nota 7, série 1, referência F-7", "notas/N7")
EVIL = "Ana\r\nBcc: todos@exemplo.com.br\r\n\r\nCorpo\x00\x1b[31m <script>alert(1)</script> 529.982.247-25"
SENDER = letter.sender_of("zelo <avisos@provedor.com.br>")


def held(number: int, text: str = "Nota parada") -> Cause:
    return Cause(Kind.HELD, f"parada:{number}", f"{text} {number}", f"{text} {number}", f"notas/{number}")


def composed(told: list[Cause], count: int | None = None, company: str = "Provedor") -> Letter:
    return core.compose(told, count or len(told), company_id="C1", company=company, ambiente=Ambiente.PRODUCAO)


def mailed(told: Letter, *, name: str = "Ana", url: str = "https://zelo.provedor.com.br/") -> bytes:
    return letter.message(
        told, mail_id="M1", sender=SENDER, address="ana@exemplo.com.br", name=name, at=NOW, url=url
    )  # fmt: skip


def read(raw: bytes) -> tuple[EmailMessage, str, str]:
    """The mail, its plain text and its page, as the standard library reads them."""
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    return mail, plain.get_content(), page.get_content()


def test_a_mail_says_who_what_where_and_what_to_do() -> None:
    mail, plain, page = read(mailed(composed([held(7)])))
    assert str(mail["From"]) == "zelo <avisos@provedor.com.br>"
    assert str(mail["To"]) == "Ana <ana@exemplo.com.br>"
    assert str(mail["Subject"]) == "[zelo] Provedor: Nota parada 7"
    assert str(mail["Message-ID"]) == "<M1@provedor.com.br>"
    assert mail["Date"].datetime == NOW
    assert str(mail["Auto-Submitted"]) == "auto-generated"
    for text in (plain, page):
        assert "só um administrador" in text
        assert "https://zelo.provedor.com.br/e/C1/notas/7" in text
        assert "https://zelo.provedor.com.br/conta" in text, "the way to have no more of them"


def test_the_same_notice_is_the_same_bytes_but_for_the_boundary() -> None:
    first, second = (read(mailed(composed([held(7)]))) for _ in range(2))
    assert first[1:] == second[1:]
    assert first[0]["Message-ID"] == second[0]["Message-ID"]


def test_without_a_public_address_there_are_no_links() -> None:
    _, plain, page = read(mailed(composed([held(7)]), url=""))
    assert "http" not in plain
    assert not html.fromstring(page).xpath("//a")


def test_homologacao_is_unmistakable() -> None:
    told = core.compose([held(7)], 1, company_id="C1", company="Provedor", ambiente=Ambiente.HOMOLOGACAO)
    assert told.subject.startswith("[zelo homologação] ")


def test_nothing_is_smuggled_in_by_names_and_texts() -> None:
    told = composed([held(1, EVIL)], company=EVIL)
    raw = mailed(told, name=EVIL)
    head = raw.split(b"\r\n\r\n")[0].split(b"\r\n")
    names = {line.split(b":")[0] for line in head if not line.startswith(b" ")}
    assert names == {
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted", b"MIME-Version",
        b"Content-Type",
    }  # fmt: skip
    mail, plain, page = read(raw)
    [to] = mail["To"].addresses
    assert to.addr_spec == "ana@exemplo.com.br"
    assert "\x1b" not in plain + page
    assert not html.fromstring(page).xpath("//script")
    assert "529.982" not in plain + page + str(mail["Subject"]) + str(mail["To"])
    assert "***.982.247-**" in plain


def test_a_name_of_100_kb_makes_a_small_mail() -> None:
    told = composed([held(n, "ã" * 100_000) for n in range(100)], company="Ç" * 100_000)
    raw = mailed(told, name="Í" * 100_000)
    assert len(raw) < 150_000
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998, "RFC 5322, 2.1.1"
    read(raw)


def test_a_digest_of_30_000_tells_ten_and_counts_the_others() -> None:
    told = composed([held(n) for n in range(20)], count=30_000)
    _, plain, _ = read(mailed(told))
    assert told.subject == "[zelo] Provedor: 30.000 notas paradas por segurança"
    assert plain.count("* Nota parada") == 10
    assert "e mais 29.990." in plain


BLOCK = Block(
    autorizador="SVRS", cnpj="11222333000181", cstat="678", motivo="Rejeição: Uso Indevido do CPF 529.982.247-25",
    until=NOW + timedelta(minutes=65), blocks=3, most=50, warned=False,
)  # fmt: skip


def test_a_block_tells_until_when_because_of_what_and_how_many_there_were() -> None:
    told = causes.of_block(BLOCK, NOTE, "k", ZONE)
    assert told.kind is Kind.BLOCK
    assert "até 10:05" in told.headline, "twelve in UTC is nine in São Paulo"
    for part in ("20/11/2026 às 10:05", "678 por causa da nota 7", "11.222.333/0001-81", "3º bloqueio", "50º"):
        assert part in told.text
    assert told.path == NOTE.path
    assert "nota" not in causes.of_block(BLOCK, None, "k", ZONE).headline


@pytest.mark.parametrize(
    ("changes", "kind", "told"),
    [
        ({"blocks": 40, "warned": True}, Kind.NEAR, "40º bloqueio"),
        ({"blocks": 50, "until": None}, Kind.PERMANENT, "pode ser permanente"),
    ],
)
def test_near_the_fiftieth_and_from_it_on_the_words_are_others(
    changes: dict[str, object], kind: Kind, told: str
) -> None:
    values = {name: getattr(BLOCK, name) for name in Block.__slots__} | changes
    made = causes.of_block(Block(**values), NOTE, "k", ZONE)
    assert made.kind is kind
    assert told in made.headline


def test_a_held_note_tells_the_count_and_the_last_answer() -> None:
    made = causes.of_held(NOTE, "parada no limite de segurança: 10 de 10", "435 Rejeição", "k")
    assert made.headline == "Nota 7, série 1, referência F-7: parada no limite de segurança: 10 de 10"
    assert "Última resposta: 435 Rejeição" in made.text


@pytest.mark.parametrize(
    ("days", "reached", "said"),
    [
        (31, None, ""),
        (30, 30, "vence em 30 dias"),
        (16, 30, "vence em 16 dias"),
        (15, 15, "vence em 15 dias"),
        (7, 7, "vence em 7 dias"),
        (5, 7, "vence em 5 dias"),
        (3, 3, "vence em 3 dias"),
        (1, 1, "vence amanhã"),
        (0, 1, "vence hoje"),
        (-1, 0, "venceu"),
    ],
)
def test_a_certificate_is_told_of_by_the_calendar(days: int, reached: int | None, said: str) -> None:
    until = NOW + timedelta(days=days, hours=1)
    made = causes.of_certificate("K1", "PROVEDOR:11222333000181", until, NOW, ZONE, 1)
    assert causes.warning(until, NOW, ZONE) == reached
    assert (made.headline if made else "").startswith(f"Certificado {said}" if said else "")
    assert (made is None) is (reached is None)
    if made is not None:
        assert made.key == f"certificado:K1:{reached}"


def test_who_is_told() -> None:
    people = [
        Member("1", "lia@exemplo.com.br", "Lia", Role.READER, None),
        Member("2", "ugo@exemplo.com.br", "Ugo", Role.USER, None),
        Member("3", "ana@exemplo.com.br", "Ana", Role.ADMINISTRATOR, False),
        Member("4", "rui@exemplo.com.br", "Rui", Role.READER, True),
        Member("5", "sem arroba", "Eva", Role.ADMINISTRATOR, None),
    ]
    others = {"UGO@exemplo.com.br": "Ugo outra vez", "contador@exemplo.com.br": "Contador"}
    told = core.recipients(people, others)
    assert [(one.address, bool(one.wrong)) for one in told] == [
        ("ugo@exemplo.com.br", False),
        ("rui@exemplo.com.br", False),
        ("sem arroba", True),
        ("contador@exemplo.com.br", False),
    ]


@pytest.mark.parametrize("text", ["", "a", "a@b", "a@exemplo.com.br\r\nBcc: b@exemplo.com.br", "a b@exemplo.com.br",
                                  "joão@exemplo.com.br", "<a@exemplo.com.br>", "a@exemplo.com.br," * 9])  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    assert core.good_address(text) is None


@pytest.mark.parametrize("text", ["", "avisos", "zelo <avisos>", "zelo <a b@exemplo.com.br>"])
def test_what_is_no_sender(text: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        letter.sender_of(text)


def test_a_domain_with_accents_is_written_as_servers_take_it() -> None:
    domain = "provedor-ação.com.br"
    assert core.good_address(f"ana@{domain}") == f"ana@{domain.encode('idna').decode()}"
