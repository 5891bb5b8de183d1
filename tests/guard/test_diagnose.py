"""Who caused a block: a month with a known culprit, and each rule of the judgement, expected by hand."""

import json
import random
from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from tests.guard import papers
from tests.guard.papers import CNPJ, OTHER_CNPJ, START, after, chave
from zelo.guard.diagnosis import told
from zelo.guard.diagnosis.diagnose import diagnose
from zelo.guard.diagnosis.evidence import Key, Service, Trouble
from zelo.guard.diagnosis.limits import Limit, official
from zelo.guard.diagnosis.reading import read
from zelo.guard.diagnosis.report import Grade, Report, Warned, as_json

K55, K62 = chave(9), chave(9, mod="62")
RECEIPT = "431000012345678"
CPF = "52998224725"
EVENT = Key(Service.EVENTO, "55", "1", CNPJ, ident=f"ID110111{K55}01")
VOIDING = Key(Service.INUTILIZACAO, "55", "1", CNPJ, ident=f"ID4326{CNPJ}55001000000009000000011")
REJECTED = papers.rejected(K55, "539")


def judged(documents: Iterable[tuple[str, str | bytes]]) -> Report:
    return diagnose(read(name, text.encode() if isinstance(text, str) else text) for name, text in documents)


def test_a_month_with_a_known_culprit_is_judged_as_by_hand() -> None:
    report = diagnose(read(name, content) for name, content in papers.month(40))
    files = report.files
    assert (files.looked_at, files.useful, files.other_xml, files.no_xml) == (124, 122, 1, 1)
    assert (report.answers, report.copies, report.rejections, report.blocked) == (81, 1, 36, 5)
    [culprit] = report.culprits
    subject = culprit.standing.subject
    assert (subject.modelo, subject.emitter, subject.serie, subject.number) == ("55", CNPJ, 1, 7)
    assert (culprit.standing.cstat, culprit.standing.count, culprit.standing.limit) == ("539", 32, 30)
    assert (culprit.standing.first, culprit.standing.last) == (after(100), after(131))
    assert (culprit.grade, culprit.blocks, culprit.refused, culprit.cstat) == (Grade.NAMED, 1, 5, "656")
    assert culprit.counted_by_sefaz == 33
    assert (culprit.first, culprit.last) == (after(140), after(144))
    assert culprit.files == tuple(f"retorno/bloqueio-{turn}.xml" for turn in range(5))
    assert culprit.standing.sender.programs == ("ERP 1.0",)
    assert culprit.standing.sender.certificates == (f"PROVEDOR DE TESTE LTDA:{CNPJ}",)
    [block] = report.blocks
    assert (block.service, block.culprit, block.refused, block.emitter) == (Service.AUTORIZACAO, 0, 5, CNPJ)
    assert report.nearest == (), "one refusal of a note is no loop"
    duplicates = report.duplicates
    assert (duplicates.same_chave, duplicates.other_chave, duplicates.notes) == (0, 36, 5)
    assert [(code.cstat, code.count, code.subjects) for code in report.codes] == [("539", 36, 5)]
    assert [(day.day, day.rejections, day.blocked) for day in report.days] == [(date(2026, 10, 5), 36, 5)]
    assert [(row.name, row.notes) for row in report.programs] == [("ERP 1.0", 40)]
    assert report.warnings == ()
    assert told.headline(report).text == "Foi: NF-e 7, série 1."
    assert "há envios que não estão nestes arquivos" in told.proof(culprit)[1]


def test_the_order_of_the_files_does_not_matter() -> None:
    found = [read(name, content) for name, content in papers.month(30)]
    shuffled = list(found)
    random.Random(1).shuffle(shuffled)
    assert diagnose(shuffled) == diagnose(found)


def loop(number: int, count: int, *, start: float = 0, cstat: str = "225", cnpj: str = CNPJ) -> list[tuple[str, str]]:
    """So many equal rejections of a number, a minute apart."""
    key = chave(number, cnpj=cnpj)
    return [(f"{cnpj}/{number}-{cstat}-{n}.xml", papers.rejected(key, cstat, after(start + n))) for n in range(count)]


def silent(at: float, cnpj: str = CNPJ) -> tuple[str, str]:
    """A 656 that names nobody, in the folder of an emitter."""
    return f"{cnpj}/656-{at}.xml", papers.blocked("Rejeicao: Consumo Indevido", after(at))


def numbers(report: Report) -> list[tuple[int, int, str]]:
    return [(one.standing.subject.number, one.standing.count, one.grade.value) for one in report.culprits]


def test_where_nobody_is_named_the_most_equal_rejections_before_it_did_it() -> None:
    mixed = loop(3, 8, cstat="204") + loop(3, 8, start=20, cstat="539")
    late = loop(4, 30, start=90)
    report = judged([*loop(1, 5), *loop(2, 12), *mixed, *late, silent(60)])
    assert numbers(report) == [(2, 12, "deduced")], "not the one of two codes, nor what came after"
    assert [one.subject.number for one in report.nearest] == [4, 3, 1]


def test_another_emitter_or_environment_is_not_to_blame() -> None:
    foreign = loop(5, 20, cnpj=OTHER_CNPJ)
    trial = [(f"t{n}.xml", text.replace("<tpAmb>1", "<tpAmb>2")) for n, (_, text) in enumerate(loop(6, 25))]
    report = judged([*foreign, *trial, *loop(1, 3), silent(60)])
    assert numbers(report) == [(1, 3, "deduced")]


def test_a_block_without_anything_before_it_has_no_culprit() -> None:
    report = judged([silent(0), *loop(1, 30, start=5)])
    assert (report.culprits, report.blocks[0].grade) == ((), Grade.UNKNOWN)
    assert "não mostram a causa" in told.headline(report).text


def test_what_was_not_sent_since_the_last_block_did_not_cause_the_next() -> None:
    report = judged([*loop(1, 40), silent(45), *loop(2, 10, start=3_000), silent(3_020)])
    assert numbers(report) == [(1, 40, "deduced"), (2, 10, "deduced")]


def test_two_notes_named_within_an_hour_are_two_blocks() -> None:
    def named(number: int, at: float) -> tuple[str, str]:
        return f"n{at}.xml", papers.blocked(f"Consumo Indevido [NF-e: {chave(number)}]", after(at))

    report = judged([named(1, 0), named(1, 5), silent(6), named(2, 10), named(2, 11), named(2, 12), named(2, 13)])
    assert [block.refused for block in report.blocks] == [3, 4]
    assert [one.standing.subject.number for one in report.culprits] == [2, 1], "the one that refused more comes first"
    assert told.others(report) == "E mais 1 causador, abaixo."


def test_one_rejection_is_no_evidence() -> None:
    assert judged([*loop(1, 1), silent(60)]).blocks[0].grade is Grade.UNKNOWN


def test_a_named_note_is_charged_even_without_its_answers() -> None:
    named = papers.blocked(f"Rejeição: Consumo Indevido [det: Quantidade rejeicoes: 973, NF-e: {chave(77)}]", after(60))
    report = judged([*loop(1, 29), ("b.xml", named)])
    [culprit] = report.culprits
    assert (culprit.standing.subject.number, culprit.standing.count, culprit.counted_by_sefaz) == (77, 0, 973)
    assert "outro programa" in told.proof(culprit)[0]
    assert [one.subject.number for one in report.nearest] == [1]


def test_a_new_chave_of_the_same_number_is_the_same_note() -> None:
    keys = [chave(8, cnf=cnf) for cnf in (1, 2, 3)]
    files = [(f"{n}.xml", papers.rejected(key, "539", after(n))) for n, key in enumerate(keys * 4)]
    report = judged([*files, silent(60)])
    [culprit] = report.culprits
    assert (culprit.standing.count, culprit.standing.subject.chaves) == (12, tuple(keys))
    assert any("3 chaves diferentes" in line for line in told.proof(culprit))


def test_the_same_result_in_two_files_counts_once_and_undated_ones_always() -> None:
    copies = [("a.xml", REJECTED), ("b.xml", papers.soap(REJECTED)), ("c.xml", papers.protocol(K55, "539"))]
    undated = [(f"u{n}.xml", papers.rejected(K55, "539", None)) for n in range(2)]
    report = judged([*copies, *undated])
    assert (report.rejections, report.copies) == (3, 2)


def test_answers_without_an_instant_stand_where_their_names_put_them() -> None:
    def name(text: str, n: int) -> tuple[str, str]:
        return f"{n:02d}.xml", text

    files = [name(papers.rejected(chave(1), "225", None), n) for n in range(3)]
    after_it = [name(papers.rejected(chave(2), "225", None), n) for n in range(10, 20)]
    report = judged([*files, name(papers.blocked("Consumo Indevido", None), 5), *after_it])
    assert numbers(report) == [(1, 3, "deduced")]
    dated = [name(papers.rejected(chave(3), "225", after(n)), n + 30) for n in range(3)]
    report = judged([*dated, name(papers.blocked("Consumo Indevido", None), 40), *loop(4, 9, start=50)])
    assert numbers(report) == [(3, 3, "deduced")]


def test_a_block_ends_with_its_hour() -> None:
    report = judged([*loop(1, 31), silent(40), silent(99), silent(101), silent(300)])
    assert [(block.first, block.refused) for block in report.blocks] == [
        (after(40), 2),
        (after(101), 1),
        (after(300), 1),
    ]
    assert (report.culprits[0].blocks, report.culprits[0].refused) == (3, 4)


def test_678_blocks_an_nfcom_and_is_a_rejection_of_an_nfe() -> None:
    nfcom = [(f"{n}.xml", papers.rejected(chave(1, mod="62"), "435", after(n))) for n in range(31)]
    blocked = papers.blocked("Rejeicao: Uso Indevido", None, mod="62")
    report = judged([*nfcom, ("z.xml", blocked), ("n.xml", papers.rejected(chave(2), "678"))])
    assert (report.blocked, report.rejections) == (1, 32)
    assert report.culprits[0].standing.subject.modelo == "62"


def test_events_and_inutilizacoes_have_their_own_counts() -> None:
    events = [(f"e{n}.xml", papers.event_answer(K55, "573", after(n))) for n in range(21)]
    voidings = [
        (f"i{n}.xml", papers.inutilizacao(first=9, last=11, cstat="563", at=after(n))) for n in range(22)
    ]  # fmt: skip
    block = papers.event_answer(K55, "656", after(60)).replace("Rejeição: evento", f"Consumo [NF-e: {EVENT.ident}]")
    inut = papers.inutilizacao(first=1, last=1, cstat="656", at=after(61))
    inut = inut.replace("Rejeição: faixa", f"Consumo [Inutilização: {VOIDING.ident}]")
    report = judged([*events, *voidings, *loop(1, 29), ("b.xml", block), ("c.xml", inut)])
    found = {
        (one.standing.subject.service, one.standing.count, one.standing.limit, one.grade) for one in report.culprits
    }
    assert found == {(Service.EVENTO, 21, 20, Grade.NAMED), (Service.INUTILIZACAO, 22, 20, Grade.NAMED)}
    assert {one.standing.subject.ident for one in report.culprits} == {EVENT.ident, VOIDING.ident}


def test_consultas_and_receipts_count_within_an_hour() -> None:
    often = [(f"a{n}.xml", papers.consulta_answer(K55, at=after(n * 5))) for n in range(12)]
    slow = [(f"b{n}.xml", papers.consulta_answer(chave(3), at=after(n * 7))) for n in range(40)]
    receipts = [(f"r{n}.xml", papers.receipt_answer(RECEIPT, at=after(n))) for n in range(41)]
    block = papers.consulta_answer(
        K55, "656", after(70), f"Número máximo de consultas excedido (10) para a NF-e: {K55}"
    )
    report = judged([*often, *slow, *receipts, ("z.xml", block)])
    assert [(one.subject.ident, one.count, one.limit) for one in report.consultas] == [(K55, 12, 10)]
    assert [(one.subject.ident, one.count, one.limit) for one in report.receipts] == [(RECEIPT, 41, 40)]
    [culprit] = report.culprits
    assert (culprit.standing.subject.service, culprit.standing.subject.ident) == (Service.CONSULTA, K55)


def test_an_hour_is_over_after_sixty_minutes_and_a_refused_consulta_is_none() -> None:
    spread = [(f"a{n}.xml", papers.consulta_answer(K55, at=after(n * 6))) for n in range(11)]
    block = ("z.xml", papers.consulta_answer(K55, "656", after(59), "Consumo Indevido"))
    assert judged([*spread, block]).consultas == ()
    assert judged([*spread, ("b.xml", papers.consulta_answer(K55, at=after(59)))]).consultas[0].count == 11


def test_a_program_is_charged_only_where_it_sent_the_note_or_was_the_only_one() -> None:
    files = [*loop(1, 5), silent(60), ("n.xml", papers.note(chave(2), program="A"))]
    assert judged(files).culprits[0].standing.sender.programs == ("A",)
    two = [*files, ("m.xml", papers.note(chave(3), program="B"))]
    assert judged(two).culprits[0].standing.sender.programs == ()
    own = [*two, ("o.xml", papers.note(chave(1), program="B"))]
    assert judged(own).culprits[0].standing.sender.programs == ("B",)


def test_requests_without_answers_are_counted_where_answers_carry_no_instant() -> None:
    request = f"<consSitNFCom><tpAmb>1</tpAmb><chNFCom>{K62}</chNFCom></consSitNFCom>"
    report = judged((f"{n}.xml", request) for n in range(11))
    assert [(one.count, one.first) for one in report.consultas] == [(11, None)]
    assert "sem horário" in told.evidence(report.consultas[0])


def test_a_status_asked_for_without_pause_is_a_loop_and_with_it_none() -> None:
    hasty = [(f"{n}.xml", papers.status_answer(after(n))) for n in range(5)]
    calm = [(f"{n}.xml", papers.status_answer(after(n * 3))) for n in range(50)]
    [loop_] = judged(hasty).status_loops
    assert (loop_.uf, loop_.count, loop_.too_soon) == ("43", 5, 4)
    assert judged(calm).status_loops == ()


def test_two_programs_and_two_certificates_are_told_and_whether_at_once() -> None:
    def notes(program: str, days: Iterable[int], holder: str, first: int) -> list[tuple[str, str]]:
        keys = [(chave(first + day), START + timedelta(days=day)) for day in days]
        return [(f"{key}.xml", papers.note(key, program=program, holder=holder, at=at)) for key, at in keys]

    one, renewed = papers.certificate(), papers.certificate(serial=78)
    report = judged([*notes("A 1", range(5), one, 1), *notes("A 2", range(5, 9), renewed, 50)])
    assert [(row.kind, row.at_once) for row in report.warnings] == [
        (Warned.PROGRAMS, False), (Warned.CERTIFICATES, False),
    ]  # fmt: skip
    assert "um depois do outro" in told.doubt(report.warnings[0]).text
    foreign = papers.certificate(f"CONTADOR LTDA:{OTHER_CNPJ}")
    report = judged([*notes("A 1", range(9), one, 1), *notes("B 1", range(3, 6), foreign, 50)])
    assert [(row.kind, row.at_once) for row in report.warnings] == [
        (Warned.PROGRAMS, True), (Warned.CERTIFICATES, True), (Warned.FOREIGN_CERTIFICATE, False),
    ]  # fmt: skip


def test_limits_are_an_argument() -> None:
    files = [read(name, text.encode()) for name, text in loop(1, 6)]
    [near] = diagnose(files, lambda *_: Limit(5, None, "contrato")).nearest
    assert (near.limit, near.limit_source) == (5, "contrato")
    assert diagnose(files).nearest[0].limit == 30


@pytest.mark.parametrize(
    ("service", "modelo", "most", "minutes"),
    [
        (Service.AUTORIZACAO, "55", 30, None), (Service.AUTORIZACAO, "65", 30, None),
        (Service.AUTORIZACAO, "62", 30, None), (Service.EVENTO, "55", 20, None), (Service.EVENTO, "62", 20, None),
        (Service.INUTILIZACAO, "55", 20, None), (Service.CONSULTA, "55", 10, 60), (Service.CONSULTA, "62", 10, 60),
        (Service.RECIBO, "55", 40, 60), (Service.STATUS, "55", 40, 60), (Service.STATUS, "62", 60, 5),
        (Service.DISTRIBUICAO, "55", 20, 60),
    ],
)  # fmt: skip
def test_the_official_limits(service: Service, modelo: str, most: int, minutes: int | None) -> None:
    """NT 2018.002, MOC NFCom 8.2 and NT 2014.002; before any row of facts was in force too."""
    within = None if minutes is None else timedelta(minutes=minutes)
    for day in (date(2026, 10, 5), date(2015, 1, 1)):
        found = official(Key(service, modelo, "1"), "43", day)
        assert (found.most, found.within) == (most, within)


def test_no_cpf_leaves_the_report() -> None:
    person = chave(1, cnpj=f"000{CPF}", serie=920)
    masked = f"{CPF[:3]}.{CPF[3:6]}.{CPF[6:9]}-{CPF[9:]}"
    holder = papers.certificate(f"FULANO DE TAL:{CPF}", 5)
    files = [
        (f"{person}-{n}.xml", papers.rejected(person, "539", after(n), f"Rejeição do CPF {masked}")) for n in range(9)
    ]
    note = papers.note(person, program=f"ERP {CPF}", holder=holder)
    event = [(f"e{n}.xml", papers.event_answer(person, "573", after(n))) for n in range(3)]
    asked = [(f"c{n}.xml", papers.consulta_answer(person, at=after(n))) for n in range(15)]
    block = papers.blocked(f"Consumo [NF-e: {person}]", after(60))
    report = judged([*files, *event, *asked, (f"{CPF}/n.xml", note), ("b.xml", block)])
    assert report.culprits[0].standing.count == 9
    assert report.consultas
    text = json.dumps(as_json(report, told.sentences(report)))
    assert CPF not in text
    assert masked not in text
    assert f"***{CPF[3:9]}**" in text, "what is left tells one from another"
    assert told.name(report.culprits[0].standing.subject) == "NF-e 1, série 920"


def test_names_are_labels() -> None:
    report = judged([("../../etc/passwd", REJECTED), ("C:\\x\\..\\y.xml", papers.rejected(K55, "539", after(1)))])
    assert set(report.nearest[0].files) == {"../../etc/passwd", "C:\\x\\..\\y.xml"}


def test_files_that_were_not_read_are_counted() -> None:
    files = diagnose([None, Trouble.NESTED, Trouble.TOO_LARGE, Trouble.TOO_LARGE, Trouble.UNREADABLE]).files
    assert (files.looked_at, files.no_xml, files.nested, files.too_large, files.unreadable) == (5, 1, 1, 2, 1)


def test_the_json_is_plain_and_says_what_people_read() -> None:
    report = diagnose(read(name, content) for name, content in papers.month(10))
    found = json.loads(json.dumps(as_json(report, told.sentences(report))))
    assert found["format"] == "zelo-guard-diagnose/1"
    assert found["culprits"][0]["standing"]["subject"]["number"] == 7
    assert found["culprits"][0]["first"] == after(140).isoformat()
    assert found["headline"]["text"] == "Foi: NF-e 7, série 1."
