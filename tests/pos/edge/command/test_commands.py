"""The commands as a person types them, against a gateway that runs as a process of its own."""

import errno
import getpass
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.pos.edge.command.conftest import NAME, write_config
from tests.sim.sat import sales
from tests.sim.world import NOW
from zelo.models.cfe.coupon import Coupon, read_coupon
from zelo.pos.edge.command.main import main
from zelo.pos.edge.command.sample import sample
from zelo.pos.edge.command.shell import run, work
from zelo.pos.edge.command.shell.configured import configured
from zelo.pos.edge.command.words import doubt_lines, refused_lines, sale_lines
from zelo.pos.edge.config import OPTIONS, Config, read_config
from zelo.pos.edge.journal.shell.store import Store
from zelo.pos.edge.page.house import code_fault
from zelo.pos.edge.shell.vault import Vault

Capture = pytest.CaptureFixture[str]


def typed(edge: Path, *words: str) -> int:
    return main(["--config", str(edge), *words])


def test_status_is_a_table_for_people_and_json_for_programs(edge: Path, capsys: Capture) -> None:
    assert typed(edge, "test") == 0
    assert "certo" in capsys.readouterr().out
    assert typed(edge, "status") == 0
    said = capsys.readouterr().out
    assert re.search(rf"{NAME} +[0-9]{{9}} +sim", said)
    assert "Nada a resolver" in said
    assert typed(edge, "status", "--json") == 0
    assert json.loads(capsys.readouterr().out)["equipamentos"][0]["nome"] == NAME


def test_a_sale_is_made_once_and_its_xml_kept(edge: Path, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "venda.xml"
    file.write_text(sales.sale(), "utf-8")
    assert typed(edge, "sell", str(file), "--pasta", str(tmp_path), "--caixa", "2") == 0
    said = capsys.readouterr().out
    first, *_ = said.splitlines()
    key = first.rpartition(" ")[2]
    [kept] = tmp_path.glob("CFe*.xml")
    coupon = read_coupon(kept.read_bytes())
    assert isinstance(coupon, Coupon)
    assert coupon.till == "001"
    assert "R$ 5,00" in said
    before = kept.read_bytes()
    kept.unlink()
    assert typed(edge, "sell", str(file), "--pasta", str(tmp_path), "--caixa", "2", "--chave", key) == 0
    assert kept.read_bytes() == before


def test_what_cannot_be_sold_is_said(edge: Path, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "venda.xml"
    file.write_text("isto não é uma venda", "utf-8")
    assert typed(edge, "sell", str(file)) == 1
    assert "recusada" in capsys.readouterr().out
    assert typed(edge, "sell", str(tmp_path / "nada.xml")) == 1
    assert "nada.xml" in capsys.readouterr().err


def test_what_cannot_go_to_the_gateway_is_said_and_nothing_is_sold(edge: Path, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "venda.xml"
    file.write_text(sales.sale(), "utf-8")
    for key in ("✓", "a\nb", "../../x"):
        assert typed(edge, "sell", str(file), "--pasta", str(tmp_path), "--chave", key) == 1
        assert "Nada foi vendido" in capsys.readouterr().err
    assert typed(edge, "doubts", "accept", "✓", "--quem", "Ana", "--motivo", "x") == 1
    assert "caractere" in capsys.readouterr().err


def test_a_coupon_whose_chave_cannot_be_read_is_told_all_the_same() -> None:
    told = {"estado": "emitida", "total": None, "chave": None, "instante": None}
    assert sale_lines(told) == ["Vendido", "Chave:   o equipamento respondeu uma que não se lê; veja o XML"]


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.EADDRNOTAVAIL, "não é desta máquina"), (errno.EACCES, "acima de 1023"), (errno.EADDRINUSE, "em uso")],
)
def test_an_address_that_cannot_be_used_is_said_with_its_remedy(number: int, said: str) -> None:
    assert said in run._refused(OSError(number, "of the system"))


def test_nothing_is_sold_whose_xml_has_no_place_and_a_sale_stands_whatever_the_disk_says(
    edge: Path, tmp_path: Path, capsys: Capture
) -> None:
    file = tmp_path / "venda.xml"
    file.write_text(sales.sale(), "utf-8")
    assert typed(edge, "sell", str(file), "--pasta", str(tmp_path / "nada")) == 1
    assert "Nada foi vendido" in capsys.readouterr().err
    full = Path("/dev/full")
    assert "O cupom vale: repita com --chave k" in work.saved(full, b"<CFe/>", "k")


def test_a_second_gateway_in_a_folder_is_told_of_the_first(edge: Path, capsys: Capture) -> None:
    assert typed(edge, "run") == 1
    assert "Outro zelo-edge já roda" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["vender"], ["sell"], ["status", "--tudo"]])
def test_what_is_typed_wrong_is_told_in_portuguese(words: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert capsys.readouterr().err.startswith("Não entendi o comando: ")


@pytest.mark.parametrize("words", [["--help"], ["doubts", "accept", "--help"]])
def test_help_is_in_portuguese(words: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(words)
    said = capsys.readouterr().out
    assert said.startswith("uso: zelo-edge")
    assert not re.search("usage|positional|options|show this", said)


def test_a_code_that_nobody_types_changes_nothing(edge: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", _ended)
    assert typed(edge, "code", NAME) == 1
    assert capsys.readouterr().err == "Nada foi digitado. Nada foi gravado.\n"


def _ended(prompt: str) -> str:
    raise EOFError(prompt)


def test_a_file_of_the_notepad_is_read_and_one_in_another_encoding_told(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "edge.toml"
    write_config(file, 9)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert isinstance(configured(file), Config)
    file.write_bytes("# ligação\n".encode("latin-1"))
    assert typed(file, "token") == 1
    assert "não está em UTF-8" in capsys.readouterr().err


def test_end_to_end_is_tested_with_a_sale(edge: Path, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "venda.xml"
    file.write_text(sales.sale(), "utf-8")
    assert typed(edge, "test", NAME, "--fim-a-fim", str(file)) == 0
    assert "TesteFimAFim" in capsys.readouterr().out
    assert typed(edge, "test", "outro") == 1
    assert f"Existem: {NAME}" in capsys.readouterr().err


def test_there_are_no_doubts(edge: Path, capsys: Capture) -> None:
    assert typed(edge, "doubts") == 0
    assert "Nenhuma venda em dúvida" in capsys.readouterr().out
    assert typed(edge, "doubts", "accept", "3" * 44, "--motivo", "x") == 1
    assert "não está em dúvida" in capsys.readouterr().err
    assert typed(edge, "doubts", "check", "7", "--motivo", "x") == 1
    assert "Não há pedido com este número" in capsys.readouterr().err


def test_a_sale_that_is_not_in_doubt_is_not_decided_and_what_became_of_it_is_said(
    edge: Path, tmp_path: Path, capsys: Capture
) -> None:
    file = tmp_path / "venda.xml"
    file.write_text(sales.sale(), "utf-8")
    assert typed(edge, "sell", str(file), "--pasta", str(tmp_path)) == 0
    [kept] = tmp_path.glob("CFe*.xml")
    capsys.readouterr()
    for decision in ("accept", "cancel"):
        assert typed(edge, "doubts", decision, kept.stem, "--motivo", "x") == 1
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err == "Esta venda não está mais em dúvida. O caixa leu a resposta: a venda vale.\n"


def test_what_no_device_can_tell_is_listed_with_what_to_do() -> None:
    asked = {"pedido": "Venda", "caixa": "002", "equipamento": "A", "em": NOW.isoformat(), "sessao": 17, "numero": 45}
    told = asked | {"situacao": "o equipamento não se lembra mais", "o_que_fazer": "Veja.", "pode_anotar": True}
    said = "\n".join(doubt_lines({"duvidas": [], "sem_resposta": [told]}, NOW + timedelta(hours=2)))
    assert all(word in said for word in ("Venda sem resposta", "há 2 h", "000017", "Veja.", "doubts check 45"))
    waiting = told | {"pode_anotar": False}
    assert "doubts check" not in "\n".join(doubt_lines({"duvidas": [], "sem_resposta": [waiting]}, NOW))


def test_what_the_centre_refuses_is_listed_in_its_words(edge: Path, capsys: Capture) -> None:
    assert typed(edge, "refused") == 0
    assert "não recusa nada" in capsys.readouterr().out
    assert typed(edge, "refused", "retry") == 0
    assert "De volta à fila: 0" in capsys.readouterr().out
    told = {"quantidade": 2, "recusados": [{"chave": "3" * 44, "motivo": "porque sim", "em": NOW.isoformat()}]}
    said = "\n".join(refused_lines(told, NOW + timedelta(hours=2)))
    assert all(word in said for word in ("2 documentos", "3333 3333", "porque sim (há 2 h)", "zelo-edge refused retry"))


@pytest.mark.parametrize(
    ("answers", "code", "said"),
    [
        (["12345678", "12345678"], 0, "foi gravado"),
        (["12345678", "87654321"], 1, "não são iguais"),
        (["abc"], 1, "O código tem de"),
    ],
)
def test_a_code_is_typed_twice_and_never_said(
    edge: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, answers: list[str], code: int, said: str
) -> None:
    left = list(answers)
    monkeypatch.setattr(getpass, "getpass", lambda _: left.pop(0))
    assert typed(edge, "code", NAME) == code
    told = capsys.readouterr()
    assert said in told.out + told.err
    assert not any(answer in told.out + told.err for answer in answers)


def test_where_no_gateway_runs_the_code_goes_into_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    file = tmp_path / "edge.toml"
    write_config(file, 1, 1)
    monkeypatch.setattr(getpass, "getpass", lambda _: "segredo-1")
    assert typed(file, "code", NAME) == 0
    store = Store(tmp_path / "edge", 64)
    try:
        assert Vault(tmp_path / "edge", store).code(NAME) == "segredo-1"
    finally:
        store.close()
    assert b"segredo-1" not in (tmp_path / "edge" / "edge.db").read_bytes()
    assert capsys.readouterr().err == ""


def test_the_file_that_init_writes_is_whole_and_is_not_overwritten(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "edge.toml"
    assert typed(file, "init") == 0
    assert isinstance(configured(file), Config)
    assert file.stat().st_mode & 0o777 == 0o600, "tokens are going to stand in it"
    before = file.read_bytes()
    assert typed(file, "init") == 1
    assert file.read_bytes() == before
    assert "já existe" in capsys.readouterr().err


def test_the_sample_has_every_option_and_its_comments_are_valid_too() -> None:
    text = sample()
    assert all(f"{option.key} = " in text for option in OPTIONS)
    uncommented = re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE)
    read = read_config(uncommented)
    assert isinstance(read, Config), read
    plain = read_config(text)
    assert isinstance(plain, Config)
    assert {name: dict(values) for name, values in read.sections.items()} == {
        name: {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
        for name, values in plain.sections.items()
    }


@pytest.mark.parametrize("words", [["status"], ["test"], ["doubts"], ["token"], ["sell", "venda.xml"]])
def test_nobody_there_is_a_sentence_with_a_remedy(tmp_path: Path, capsys: Capture, words: list[str]) -> None:
    file = tmp_path / "edge.toml"
    (tmp_path / "venda.xml").write_text("x")
    written = [str(tmp_path / word) if word.endswith(".xml") else word for word in words]
    assert typed(file, *written) == 1
    assert "zelo-edge init" in capsys.readouterr().err
    write_config(file, 1, 1)
    assert typed(file, *written) == 1
    assert "ainda não foi iniciado" in capsys.readouterr().err
    (tmp_path / "edge").mkdir()
    (tmp_path / "edge" / "edge.token").write_text("a-token-for-the-tests")
    if words != ["token"]:
        assert typed(file, *written) == 1
        assert "systemctl start zelo-edge" in capsys.readouterr().err


def test_a_token_of_another_folder_is_told_as_such(edge: Path, tmp_path: Path, capsys: Capture) -> None:
    file, told = tmp_path / "outro.toml", edge.read_text()
    folder = str(configured(edge)["gateway"]["pasta"])
    (tmp_path / "outra").mkdir()
    (tmp_path / "outra" / "edge.token").write_text("another-token-than-that")
    file.write_text(told.replace(folder, str(tmp_path / "outra")))
    assert typed(file, "status") == 1
    said = capsys.readouterr().err
    assert f"não aceita o token de {tmp_path / 'outra'}" in said
    assert "Authorization" not in said


def test_a_wrong_file_is_told_with_every_fault(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "edge.toml"
    file.write_text('[web]\nendereco = 1\n[outra]\n[[equipamento]]\nnome = "A"\ntipo = "x"\n')
    assert typed(file, "run") == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 3
    assert "Traceback" not in said


def test_a_damaged_file_is_told(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "edge.toml"
    write_config(file, 1, 1)
    (tmp_path / "edge").mkdir()
    (tmp_path / "edge" / "edge.db").write_bytes(b"isto nao e um banco" * 1000)
    assert typed(file, "run") == 1
    assert "danificado" in capsys.readouterr().err


@pytest.mark.parametrize("code", ["", "12345", "x" * 33, "código-1", "a\nb-cdefgh"])
def test_codes_of_another_form_never_reach_a_device(code: str) -> None:
    assert code_fault(code) is not None
