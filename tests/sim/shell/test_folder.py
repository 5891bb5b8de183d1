"""What stays on disk between two lives of a simulator."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from tests.sim.notes import CNPJ
from tests.sim.world import NOW
from zelo.sim import pki
from zelo.sim.certificate import read
from zelo.sim.journal import Entry, Journal
from zelo.sim.shell.folder import AUTHORITY, CA, JOURNAL, SERVER, JournalFile, a1_in, authority_in, journal_in


def test_the_authority_is_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    first = authority_in(folder, NOW)
    assert authority_in(folder, NOW).trusted == first.trusted
    assert (folder / CA).read_bytes() == first.pem
    assert {path.name for path in folder.iterdir()} == {CA, SERVER, AUTHORITY}
    assert (folder / AUTHORITY).stat().st_mode & 0o077 == 0


def test_a_certificate_is_made_on_demand_and_kept(tmp_path: Path) -> None:
    path = a1_in(tmp_path, CNPJ, "PROVEDOR", NOW)
    content = path.read_bytes()
    assert a1_in(tmp_path, CNPJ, "PROVEDOR", NOW).read_bytes() == content
    bundle = pkcs12.load_pkcs12(content, pki.PASSWORD.encode())
    assert bundle.cert is not None
    holder = read(bundle.cert.certificate.public_bytes(Encoding.DER), authority_in(tmp_path, NOW).trusted)
    assert holder is not None
    assert (holder.cnpj, holder.trusted) == (CNPJ, True)


def _entry(number: int) -> Entry:
    return Entry(seq=number, at=NOW, autorizador="SVRS", servico="s")


def test_entries_are_on_disk_as_soon_as_they_are_kept(tmp_path: Path) -> None:
    journal = Journal()
    with JournalFile(tmp_path, journal) as file:
        for number in range(3):
            journal.add(_entry(number))
            file.keep(journal.entries)
            assert journal_in(tmp_path).entries == journal.entries


def test_a_line_cut_short_goes_away(tmp_path: Path) -> None:
    journal = Journal([_entry(0)])
    with JournalFile(tmp_path, journal):
        pass
    path = tmp_path / JOURNAL
    path.write_text(path.read_text("utf-8") + '{"seq":1,', "utf-8")
    kept = journal_in(tmp_path)
    assert kept.entries == journal.entries
    with JournalFile(tmp_path, kept) as file:
        kept.add(_entry(1))
        file.keep(kept.entries)
    assert len(journal_in(tmp_path).entries) == 2


def test_no_journal_and_a_damaged_one(tmp_path: Path) -> None:
    assert journal_in(tmp_path).entries == []
    (tmp_path / JOURNAL).write_text("x\nx\n", "utf-8")
    with pytest.raises(ValueError, match="line 1"):
        journal_in(tmp_path)
