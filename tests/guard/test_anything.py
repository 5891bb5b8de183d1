"""Anything at all for the readers of the guard: strings of any length, and folders with whatever a disk can hold."""

import base64
import gzip
import io
import os
import socket
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rich.progress import Progress

from tests.guard import papers
from zelo.cli.diagnose import findings
from zelo.fiscal.ambiente import Ambiente
from zelo.guard import paper, policy, xmotivo
from zelo.guard.diagnosis import reading
from zelo.guard.diagnosis.diagnose import diagnose
from zelo.guard.diagnosis.report import as_json
from zelo.guard.diagnosis.told import sentences
from zelo.guard.diagnosis.unpack import Bounds

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
separators = st.text(alphabet="PRSPMG|/;-*0123456789 ٥५\u2028\x00é", max_size=400)
long = st.builds(lambda piece, times: piece * times, separators, st.integers(1, 2_000)).map(lambda text: text[:200_000])


class Counted(str):
    """A string that counts how often it is cut in pieces."""

    cuts = 0

    def split(self, *given: Any, **more: Any) -> list[str]:
        Counted.cuts += 1
        return super().split(*given, **more)


@unhurried
@given(st.text(max_size=400) | separators | long)
@example("PR|" + "9" * 100_000)
@example("|" * 100_000)
@example("PR|" * 3_333)
def test_any_parameter_is_read_or_refused_in_few_short_words(text: str) -> None:
    for read in (policy.read_intervals, policy.read_limits):
        found = read(text)
        assert len(found.refusals) <= policy.MOST_FAULTS
        assert len(found.warnings) <= policy.MOST_FAULTS
        for fault in (*found.refusals, *found.warnings):
            assert fault.sentence
            assert fault.remedy
            assert len(fault.value) <= 20
            assert 1 <= int(fault.where.removeprefix("posição ")) <= policy.MOST_CHARS + 1
        assert found.refusals or len(text) <= policy.MOST_CHARS


def test_what_is_too_long_is_not_even_cut_in_pieces() -> None:
    Counted.cuts = 0
    assert policy.read_intervals(Counted("PR|5-10-120;" * 9_000)).refusals
    assert Counted.cuts == 0
    policy.read_intervals(Counted("PR|5-10-120/"))
    assert Counted.cuts == 1, "the counter counts"


@unhurried
@given(st.text(max_size=3_000) | long, st.integers(0, 3_000))
def test_nothing_beyond_the_bound_of_a_text_is_looked_at(text: str, blanks: int) -> None:
    named = f"{' ' * blanks}{text} {papers.chave(1)}"
    seen = xmotivo.culprit(named)
    assert seen == xmotivo.culprit(named[: xmotivo.MOST_CHARS])
    assert seen.count is None or 0 <= seen.count < 10**9


PIECES: Final = (
    papers.note(papers.chave(1)), papers.rejected(papers.chave(1), "539"), papers.blocked("Consumo"),
    papers.event(papers.chave(2)), papers.inutilizacao(first=1, last=2, cstat="241"), papers.receipt_answer("1" * 15),
    papers.soap(papers.packed(papers.rejected(papers.chave(3), "539")), "nfeResultMsg"), "<a/>", "\x00", "é" * 30,
)  # fmt: skip


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """Documents with pieces cut out, doubled, wrapped and overwritten."""
    content = "".join(draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=3))).encode()
    for _ in range(draw(st.integers(0, 4))):
        at, until = sorted(draw(st.integers(0, len(content))) for _ in range(2))
        middle = draw(st.sampled_from((b"", content[at:until] * 2, b"<x>" * 50, b"\xff\xfe", b"<!DOCTYPE a>", b"&a;")))
        content = content[:at] + middle + content[until:]
    packed = (content, gzip.compress(content), base64.b64encode(content), b"<r>" + content + b"</r>")
    return draw(st.sampled_from(packed))


@unhurried
@given(mangled() | st.binary(max_size=300), st.text(max_size=30))
def test_any_file_is_evidence_or_nothing(content: bytes, name: str) -> None:
    found = reading.read(name, content)
    if found is not None:
        assert len(found.sent) + len(found.answers) <= reading.MOST_ELEMENTS
        assert all(len(answer.motivo) <= reading.MOST_CHARS + 9 for answer in found.answers)
    said = paper.message(content, Ambiente.PRODUCAO)
    assert said.sentence if hasattr(said, "sentence") else said.key
    assert all(answer.cstat.isdigit() for answer in paper.answers(name, content))


@pytest.fixture
def odd_folder(tmp_path: Path) -> Path:
    """One real refusal among all that a disk can hold."""
    folder = tmp_path / "mês"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "real-rec.xml").write_text(papers.rejected(papers.chave(1), "539"))
    outside = tmp_path / "outside.xml"
    outside.write_text(papers.rejected(papers.chave(2), "540"))
    (folder / "link.xml").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    (folder / "dangling.xml").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe.xml")
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("in.xml", papers.rejected(papers.chave(3), "541"))
    (folder / "packed.zip").write_bytes(inner.getvalue())
    (folder / "packed.xml.gz").write_bytes(gzip.compress(b"<a/>"))
    (folder / "huge.xml").write_bytes(b"<a>" + b" " * reading.MOST_BYTES + b"</a>")
    (folder / "empty.xml").touch()
    (folder / "deep.xml").write_bytes(b"<a>" * 100_000 + b"</a>" * 100_000)
    (folder / "wide.xml").write_bytes(b"<a>" + b"<b/>" * 200_000 + b"</a>")
    (folder / "laughs.xml").write_text('<!DOCTYPE a [<!ENTITY b "cccc"><!ENTITY d "&b;&b;">]><a>&d;</a>')
    (folder / "binary.xml").write_bytes(bytes(range(256)) * 99)
    (folder / os.fsdecode(b"\xff\xfe.xml")).write_text("<a/>")
    (folder / ("x" * 255)).write_text("<a/>")
    return folder


def test_a_folder_with_anything_in_it_is_diagnosed(odd_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(odd_folder)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind("s.xml")
        with Progress(disable=True) as bar:
            found = list(findings(odd_folder, Bounds(), bar))
            report = diagnose(iter(found))
    assert [one.cstat for one in report.codes] == ["539"], "nothing behind a link, in a zip or outside was read"
    assert as_json(report, sentences(report))


@settings(unhurried, max_examples=25)
@given(st.lists(st.tuples(st.text(max_size=20), mangled() | st.binary(max_size=200)), max_size=8))
def test_a_zip_with_anything_in_it_is_diagnosed(tmp_path: Path, inside: list[tuple[str, bytes]]) -> None:
    path = tmp_path / "month.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, content) in enumerate(inside):
            archive.writestr(f"{number}{name}".replace("\0", ""), content)
    with Progress(disable=True) as bar:
        report = diagnose(findings(path, Bounds(), bar))
    assert as_json(report, sentences(report))
