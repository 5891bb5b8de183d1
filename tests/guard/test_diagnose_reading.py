"""Documents of every kind are understood whatever wraps them, and nothing that a file holds is an error or a danger."""

import json
import random
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.guard import papers
from tests.guard.papers import CNPJ, START, chave
from zelo.guard.diagnosis import told
from zelo.guard.diagnosis.diagnose import diagnose
from zelo.guard.diagnosis.evidence import Answer, Finding, Key, Sent, Service
from zelo.guard.diagnosis.reading import MOST_BYTES, MOST_CHARS, read
from zelo.guard.diagnosis.report import Report, as_json

K55, K65, K62 = chave(9), chave(9, mod="65"), chave(9, mod="62")
RECEIPT = "431000012345678"
NUMBER = Key(Service.AUTORIZACAO, "55", "1", CNPJ, 1, 9)
EVENT = Key(Service.EVENTO, "55", "1", CNPJ, ident=f"ID110111{K55}01")
CONSULTA = Key(Service.CONSULTA, "55", "1", CNPJ, ident=K55)
RECIBO = Key(Service.RECIBO, "55", "1", ident=RECEIPT)
VOIDING = Key(Service.INUTILIZACAO, "55", "1", CNPJ, ident=f"ID4326{CNPJ}55001000000009000000011")
NUMBER_62 = replace(NUMBER, modelo="62")
NUMBER_65 = replace(NUMBER, modelo="65", ident="1")
REJECTED = papers.rejected(K55, "539")
DECLARED = '<?xml version="1.0" encoding="ISO-8859-1"?>'


def of(text: str | bytes, name: str = "a.xml") -> Finding:
    found = read(name, text.encode() if isinstance(text, str) else text)
    assert found is not None
    return found


def judged(documents: Iterable[tuple[str, str | bytes]]) -> Report:
    return diagnose(read(name, text.encode() if isinstance(text, str) else text) for name, text in documents)


ANSWERS = [
    ("retEnviNFe", REJECTED, [(NUMBER, "539")]),
    ("bare protNFe", papers.protocol(K55, "204"), [(NUMBER, "204")]),
    ("two results of a lot", papers.lot_answer("104", inside=papers.protocol(K55, "204") * 2), [(NUMBER, "204")] * 2),
    ("65 by its tpEmis", papers.rejected(K65, "778"), [(NUMBER_65, "778")]),
    ("retNFCom", papers.rejected(K62, "435"), [(NUMBER_62, "435")]),
    ("retNFCom without protocol", papers.blocked("x", mod="62"), [(Key(Service.AUTORIZACAO, "62", "1"), "678")]),
    ("nfeProc", f"<nfeProc>{papers.note(K55)}{papers.protocol(K55, '100')}</nfeProc>", [(NUMBER, "100")]),
    ("soap", papers.soap(REJECTED), [(NUMBER, "539")]),
    ("soap, gzip", papers.soap(papers.packed(REJECTED), "nfeResultMsg"), [(NUMBER, "539")]),
    ("soap, zlib", papers.soap(papers.packed(REJECTED, squeeze=False), "nfeResultMsg"), [(NUMBER, "539")]),
    ("soap, text", papers.soap(REJECTED.replace("<", "&lt;"), "nfeAutorizacaoLoteResult"), [(NUMBER, "539")]),
    ("retConsReciNFe", papers.receipt_answer(RECEIPT, "104", papers.protocol(K55, "204")),
     [(RECIBO, "104"), (NUMBER, "204")]),
    ("retEnvEvento", papers.event_answer(K55, "573"), [(EVENT, "573")]),
    ("retEventoNFCom", papers.event_answer(K62, "573"),
     [(Key(Service.EVENTO, "62", "1", CNPJ, ident=f"ID110111{K62}001"), "573")]),
    ("retInutNFe", papers.inutilizacao(first=9, last=11, cstat="563"), [(VOIDING, "563")]),
    ("retConsSitNFe", papers.consulta_answer(K55), [(CONSULTA, "217")]),
    ("status", papers.status_answer(), [(Key(Service.STATUS, "55", "1", ident="43"), "107")]),
    ("distribuicao", "<retDistDFeInt><tpAmb>1</tpAmb><cStat>656</cStat><xMotivo>x</xMotivo></retDistDFeInt>",
     [(Key(Service.DISTRIBUICAO, "55", "1", ident="distribuicao"), "656")]),
    ("prefixes", '<n:retEnviNFe xmlns:n="u"><n:tpAmb>1</n:tpAmb><n:cStat>656</n:cStat></n:retEnviNFe>',
     [(Key(Service.AUTORIZACAO, "55", "1"), "656")]),
    ("blanks and a byte order mark", b"\xef\xbb\xbf \r\n".lstrip() + f"\n\n{REJECTED}\n".encode(), [(NUMBER, "539")]),
    ("a code that is none", REJECTED.replace("539", "5x9"), []),
    ("something else", "<configuracao/>", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_answers_of_every_kind_are_understood(text: str | bytes, expected: list[tuple[Key, str]]) -> None:
    assert [(answer.key, answer.cstat) for answer in of(text).answers] == expected


def test_an_answer_keeps_instant_and_text() -> None:
    [answer] = of(REJECTED).answers
    assert answer == Answer(NUMBER, K55, "539", "Rejeição: teste", START)
    assert of(papers.rejected(K55, "539", None)).answers[0].at is None
    naive = REJECTED.replace(START.isoformat(), "2011-12-20T16:50:00")
    [old] = of(naive).answers
    assert old.at is not None
    assert old.at.isoformat() == "2011-12-20T16:50:00-03:00"


SENT = [
    ("NFe", papers.note(K55), NUMBER),
    ("enviNFe", f"<enviNFe><idLote>1</idLote>{papers.note(K55)}</enviNFe>", NUMBER),
    ("NFCe", papers.note(K65), NUMBER_65),
    ("NFCom packed", papers.soap(papers.packed(papers.note(K62)), "nfcomDadosMsg"), NUMBER_62),
    ("evento", papers.event(K55), EVENT),
    ("inutNFe", papers.inutilizacao(first=9, last=11), VOIDING),
    ("consSitNFe", f"<consSitNFe><tpAmb>1</tpAmb><chNFe>{K55}</chNFe></consSitNFe>", CONSULTA),
    ("consReciNFe", f"<consReciNFe><tpAmb>1</tpAmb><nRec>{RECEIPT}</nRec></consReciNFe>", RECIBO),
]


@pytest.mark.parametrize(("text", "key"), [row[1:] for row in SENT], ids=[row[0] for row in SENT])
def test_what_was_sent_is_understood(text: str, key: Key) -> None:
    assert [sent.key for sent in of(text).sent] == [key]


def test_a_note_tells_program_certificate_and_address() -> None:
    [sent] = of(f'<nfcomProc ipTransmissor="200.1.2.3">{papers.note(K62, program="ERP Á 9")}</nfcomProc>').sent
    assert isinstance(sent, Sent)
    assert (sent.program, sent.ip, sent.at) == ("ERP Á 9", "200.1.2.3", START)
    assert sent.certificate is not None
    assert (sent.certificate.subject, sent.certificate.cnpj) == (f"PROVEDOR DE TESTE LTDA:{CNPJ}", CNPJ)
    assert sent.certificate.serial == f"{77:x}"
    [broken] = of(papers.note(K55, holder="bm90IGEgY2VydGlmaWNhdGU=")).sent
    assert broken.certificate is None


@pytest.mark.parametrize("declared", [DECLARED, '<?xml version="1.0" encoding="UTF-8"?>', ""])
def test_latin_1_is_read_even_where_the_file_says_otherwise(declared: str) -> None:
    [answer] = of((declared + REJECTED).encode("latin-1")).answers
    assert answer.motivo == "Rejeição: teste"


NO_XML = [
    b"", b"   ", b"nada", b"<a", b"\x00" * 99, b"%PDF-1.4", "<a/>".encode("utf-16")[:5],
    b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><retEnviNFe><cStat>656</cStat></retEnviNFe>',
    b"<a>" * 5_000 + b"</a>" * 5_000,
    b"<a>" + b" " * 30_000_000 + b"</a>",
]  # fmt: skip


@pytest.mark.parametrize("content", NO_XML, ids=range(len(NO_XML)))
def test_what_is_no_xml_or_wants_too_much_is_counted_and_no_error(content: bytes) -> None:
    assert read("a", content) is None
    assert diagnose([None, None]).files.no_xml == 2


def test_what_is_packed_is_bounded_too() -> None:
    bomb = papers.soap(papers.packed(f"<a>{' ' * (MOST_BYTES + 1)}</a>"), "nfeDadosMsg")
    assert len(bomb) < 100_000
    assert of(bomb) == Finding("a.xml")
    inner = REJECTED
    for _ in range(20):
        inner = papers.soap(papers.packed(inner))
    assert of(inner).answers == (), "packed deeper than anybody packs"
    wide = f"<a>{'<b/>' * 200_000}{REJECTED}</a>"
    assert of(wide).answers == ()
    long = of(papers.rejected(K55, "539", motivo="x" * 9_000)).answers[0]
    assert len(long.motivo) == MOST_CHARS


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(content: bytes) -> None:
    found = read("a.xml", content)
    assert diagnose([found]).files.looked_at == 1


@given(st.integers(0, 10_000), st.sampled_from([text for _, text, _ in ANSWERS] + [text for _, text, _ in SENT]))
def test_any_damage_is_read_without_an_error(seed: int, text: str | bytes) -> None:
    chance = random.Random(seed)
    content = bytearray(text.encode() if isinstance(text, str) else text)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(content))
        content[place : place + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
    report = diagnose([read("a.xml", bytes(content)), read("b.xml", bytes(content))])
    json.dumps(as_json(report, told.sentences(report)))


def test_any_instant_of_the_calendar_can_be_compared() -> None:
    odd = ["0001-01-01T00:00:00+03:00", "9999-12-31T23:59:59-03:00", "9999-12-31T23:59:59+14:00", "2026-13-01", "x"]
    report = judged((f"{n}.xml", REJECTED.replace(START.isoformat(), text)) for n, text in enumerate(odd))
    assert report.rejections == len(odd)
