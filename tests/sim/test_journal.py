"""The journal: what an entry holds, what its queries say, and how it comes back from disk."""

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from lxml import etree

from tests.sim import notes
from tests.sim.judge import cases
from tests.sim.world import CONSULTA, NOW, RECEPCAO, World
from zelo.sim import journal as journals
from zelo.sim.journal import Entry, Journal, from_lines, to_line
from zelo.sim.message import NAMESPACE


def test_an_entry_tells_what_came_and_what_was_said(sim: World) -> None:
    document = notes.signed(cases.BASE, sim.a1)
    sim.submit(document)
    sim.consult(cases.BASE.chave)
    note, question = sim.sefaz.journal.entries
    digest = etree.fromstring(document).findtext(f".//{{{notes.DSIG}}}DigestValue")
    assert note == Entry(
        seq=0,
        at=NOW,
        autorizador="SVRS",
        servico=RECEPCAO,
        chave=cases.BASE.chave,
        natural_key=f"43|{notes.CNPJ}|62|001|000000123|1|0",
        digest=digest or "",
        sha256=hashlib.sha256(document).hexdigest(),
        transmitter=notes.CNPJ,
        emitter=notes.CNPJ,
        ip="10.0.0.1",
        judged="100",
        cstat="100",
        nprot="3432600000000001",
        processed=True,
        delivered=True,
        emitted=etree.fromstring(document).findtext(f".//{{{NAMESPACE}}}dhEmi") or "",
        fin="0",
    )
    assert (question.servico, question.chave, question.emitter, question.nprot) == (
        CONSULTA,
        cases.BASE.chave,
        notes.CNPJ,
        "",
    )
    assert len(base64.b64decode(note.digest)) == 20


def test_queries(sim: World) -> None:
    document = notes.signed(cases.BASE, sim.a1)
    wrong = notes.signed(replace(cases.BY_NOTE["435"], nnf="124"), sim.a1)
    for each in (document, document, wrong, wrong, wrong):
        sim.submit(each)
    sim.send(cases.CONTINGENCY)
    alone = replace(cases.BASE, nnf="125")
    sim.send(alone)
    journal = sim.sefaz.journal
    other = replace(cases.BASE, nnf="124").chave
    assert journals.authorised(journal) == {cases.BASE.chave: 1, cases.CONTINGENCY.chave: 1, alone.chave: 1}
    assert journals.equal_rejections(journal) == {(cases.BASE.chave, "204"): 1, (other, "435"): 3}
    assert journals.sends_by_natural_key(journal) == {
        f"43|{notes.CNPJ}|62|001|000000123|1|0": 2,
        f"43|{notes.CNPJ}|62|001|000000124|1|0": 3,
        f"43|{notes.CNPJ}|62|001|000000123|2|0": 1,
        f"43|{notes.CNPJ}|62|001|000000125|1|0": 1,
    }
    assert journals.numbers_used_twice(journal) == {
        f"{notes.CNPJ}62001000000123": {cases.BASE.chave, cases.CONTINGENCY.chave}
    }
    assert journals.unanswered(journal) == journals.blocks(journal) == []


ENTRIES = [Entry(seq=number, at=NOW, autorizador="SVRS", servico=RECEPCAO, ip="::1") for number in range(3)]


def test_lines_there_and_back() -> None:
    lines = [to_line(entry) for entry in ENTRIES]
    assert from_lines(lines).entries == ENTRIES
    assert all("\n" not in line and json.loads(line)["at"] == "2026-11-20T13:00:00+00:00" for line in lines)


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_a_crash_cuts_the_last_line_only(cut: int) -> None:
    lines = [to_line(entry) for entry in ENTRIES]
    assert from_lines([*lines[:2], lines[2][:cut]]).entries == ENTRIES[:2]
    with pytest.raises(ValueError, match="line 2"):
        from_lines([lines[0], lines[1][:cut], lines[2]])


def test_a_missing_entry_is_noticed() -> None:
    with pytest.raises(ValueError, match="entry 2 after 1"):
        from_lines([to_line(ENTRIES[0]), to_line(ENTRIES[2])])
    with pytest.raises(ValueError, match="entry 1 after 0"):
        Journal().add(ENTRIES[1])
