"""edge.toml: defaults, and every fault at its place with a remedy."""

from pathlib import Path

import pytest

from zelo.pos.edge.config import OPTIONS, Config, placed, read_config
from zelo.pos.edge.outbox.shell.file import LEAST_BUDGET_BYTES, MOST_BUDGET_BYTES

MADE = '[[equipamento]]\nnome = "A"\ntipo = "biblioteca"\nbiblioteca = "sat.dll"\n'
OTHER = MADE.replace('"A"', '"B"')
LEAST = '[[equipamento]]\nnome = "SAT-1"\ntipo = "emulado"\nendereco = "127.0.0.1:9000"\n'


def test_the_file_may_be_as_large_as_the_queue_takes_it() -> None:
    [option] = [each for each in OPTIONS if each.key == "fila_mb"]
    assert option.most * 2**20 == MOST_BUDGET_BYTES
    assert option.least * 2**20 >= LEAST_BUDGET_BYTES


def test_the_least_file_has_every_default() -> None:
    config = read_config(LEAST)
    assert isinstance(config, Config)
    for option in OPTIONS:
        values = config.devices[0] if option.section == "equipamento" else config[option.section]
        if option.default is not None and option.key != "endereco":
            assert values[option.key] == option.default


def test_paths_are_seen_from_the_folder_of_the_file(tmp_path: Path) -> None:
    config = read_config(MADE + "[centro]\nca = '/etc/ssl/loja.pem'\n")
    assert isinstance(config, Config)
    seen = placed(config, lambda named: str(tmp_path / named))
    assert seen["gateway"]["pasta"] == str(tmp_path / "zelo-edge")
    assert seen["integrador"]["pasta"] == ""
    assert seen["centro"]["ca"] == "/etc/ssl/loja.pem"
    assert seen.devices[0]["biblioteca"] == str(tmp_path / "sat.dll")


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("nome = ", "fim do arquivo", "não é TOML"),
        ("", "equipamento", "de 1 a"),
        (LEAST + LEAST.replace("SAT", "sat"), "equipamento.nome", "mesmo nome"),
        (LEAST + LEAST.replace("SAT-1", "SAT-2"), "equipamento.endereco", "mesmo endereço"),
        (MADE + OTHER, "equipamento.biblioteca", "mesma biblioteca"),
        (MADE + OTHER.replace("sat.dll", "./x/../SAT.dll"), "equipamento.biblioteca", "mesma biblioteca"),
        (LEAST.replace("SAT-1", " "), "equipamento 1.nome", "vazio"),
        (LEAST + 'caixas = ["001", "1"]\n', "equipamento 1.caixas", "três algarismos"),
        (LEAST + '[integrador]\ncaixa = "abc"\n', "integrador.caixa", "três algarismos"),
        (LEAST + '[linha]\nredes = ["192.168.0/24"]\n', "linha.redes", "192.168.0.0/24"),
        (LEAST + '[par]\ntoken = "x"\n', "par.endereco", "Falta a chave"),
        (LEAST + "[par]\nlado = 2\n", "par.lado", "vai de 0 a 1."),
        (LEAST + "[web]\n[web]\n", "linha 6, coluna 5", "não é TOML"),
        ('[gateway]\npasta = "C:\\zelo"\n' + LEAST, "linha 2, coluna 14", "não é TOML"),
        (LEAST + "[vendas]\n", "vendas", "Não existe esta seção"),
        (LEAST + "[venda]\nduvidas = 1\n", "venda.duvidas", "Não existe esta chave"),
        (LEAST + '[venda]\nduvida = "talvez"\n', "venda.duvida", "vender, esperar"),
        (LEAST + '[venda]\nespera_segundos = "9"\n', "venda.espera_segundos", "número inteiro"),
        (LEAST + "[venda]\nespera_segundos = true\n", "venda.espera_segundos", "número inteiro"),
        (LEAST + "[venda]\nespera_segundos = 9999\n", "venda.espera_segundos", "de 5 a 600"),
        (LEAST + "[web]\nnomes = [1]\n", "web.nomes", "textos"),
        (LEAST + '[web]\nendereco = "loja"\n', "web.endereco", "127.0.0.1:7059"),
        (LEAST + '[web]\nendereco = "loja:70000"\n', "web.endereco", "127.0.0.1:7059"),
        (LEAST + "venda = 3\n", "equipamento 1.venda", "Não existe esta chave"),
        ("venda = 3\n" + LEAST, "venda", "não é uma tabela"),
        ('[[equipamento]]\nnome = "A"\ntipo = "biblioteca"\n', "equipamento 1.biblioteca", "Falta a chave"),
        ('[[equipamento]]\nnome = "A"\n', "equipamento 1.tipo", "Falta a chave"),
        ("[equipamento]\n", "equipamento", "de 1 a"),
        ("a = " + "[" * 5_000, "", "não é TOML"),
        ("a = " + "9" * 5_000, "", "não é TOML"),
        (LEAST + '[gateway]\npasta = "a\\u0000b"\n', "gateway.pasta", "que não se vê"),
        (LEAST + '[web]\nnomes = ["a\\nb"]\n', "web.nomes", "que não se vê"),
        (LEAST + '[web]\nendereco = "a..b:7060"\n', "web.endereco", "127.0.0.1:7059"),
        (LEAST + f'[web]\nendereco = "loja:{"1" * 5_000}"\n', "web.endereco", "127.0.0.1:7059"),
    ],
)
def test_a_fault_has_place_and_remedy(text: str, where: str, says: str) -> None:
    faults = read_config(text)
    assert isinstance(faults, list)
    told = next(each for each in faults if says in each.sentence)
    assert told.where == where
    assert told.remedy


@pytest.mark.parametrize(
    ("text", "remedy"),
    [("[web]\n[web]\n", "duas vezes"), ("peso = 1\npeso = 2\n", "duas vezes"), ("x = ", "entre aspas")],
)
def test_what_is_no_toml_has_the_remedy_of_its_fault(text: str, remedy: str) -> None:
    faults = read_config(LEAST + text)
    assert isinstance(faults, list)
    assert remedy in faults[0].remedy
