"""The example provider: six establishments in six UFs and fifty faturas, a few of them faulty. Seeded and fictional.

`examples/62/` holds what this writes, and a test keeps them equal.
"""

import csv
import io
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from zelo.facts.place import find_municipio
from zelo.fiscal import boleto
from zelo.isp.billing.columns import BILLING, COMPOSICAO

COMPANY: Final = "Conecta Fibra Telecomunicações"
CNPJ_BASE: Final = "11222333"
NOTES: Final = 50
SEED: Final = 62


@dataclass(frozen=True, slots=True)
class Establishment:
    """An example establishment, with the first CEP of its subscribers' town."""

    uf: str
    municipio: str
    cep: str
    cnpj: str
    ie: str

    @property
    def ibge(self) -> str:
        """IBGE code of its town."""
        found = find_municipio(self.municipio, self.uf)
        if found is None:
            raise LookupError(self.municipio)
        return found.codigo


ESTABLISHMENTS: Final = (
    Establishment("RS", "Porto Alegre", "90010000", "11222333000181", "0968854214"),
    Establishment("MG", "Belo Horizonte", "30110000", "11222333000262", "0622481865250"),
    Establishment("MS", "Campo Grande", "79002000", "11222333000343", "283819871"),
    Establishment("MT", "Cuiabá", "78005000", "11222333000424", "00130633178"),
    Establishment("SP", "Campinas", "13010000", "11222333000505", "116580590858"),
    Establishment("PE", "Recife", "50010000", "11222333000696", "038310198"),
)

_FIRST: Final = ("Ana", "Bruno", "Carla", "Diego", "Elisa", "Fábio", "Gilda", "Hugo", "Iara", "João", "Lívia", "Mário")
_LAST: Final = ("Alves", "Barros", "Castro", "Dias", "Esteves", "Farias", "Gomes", "Lima", "Moura", "Nunes", "Prado")
_STREETS: Final = ("Rua das Flores", "Avenida Brasil", "Rua Sete de Setembro", "Travessa da Paz", "Rua do Comércio")
_PLANS: Final = (
    ("FIBRA300", "Internet fibra 300 Mbps", "79,90"),
    ("FIBRA500", "Internet fibra 500 Mbps", "99,90"),
    ("FIBRA1000", "Internet fibra 1 Gbps", "149,90"),
    ("FIXO", "Telefone fixo ilimitado", "39,90"),
)
_FEDERAL: Final = ("01", "0,65", "01", "3")
_REFORM: Final = ("000", "000001")
_TELECOM: Final = ("00", "17", "", *_FEDERAL, "1", "0,5", *_REFORM)
_NO_ICMS: Final = ("SEM", "", "", *_FEDERAL, "", "", *_REFORM)
_COMPOSICOES: Final = (
    ("FIBRA300", "SCM300", "", "100", "0100401", "5307", "4", *_TELECOM),
    ("FIBRA500", "SCM500", "", "100", "0100401", "5307", "4", *_TELECOM),
    ("FIBRA1000", "SCM1000", "Comunicação multimídia 1 Gbps", "70", "0100401", "5307", "4", *_TELECOM),
    ("FIBRA1000", "SVA", "Aplicativos e suporte avançado", "30", "0600601", "", "4", *_NO_ICMS),
    ("FIXO", "STFC", "", "100", "0400101", "5307", "1", *_TELECOM),
)


def composicoes_csv() -> str:
    """The file that says how each plan splits."""
    return _csv([column.name for column in COMPOSICAO], _COMPOSICOES)


def billing_csv(notes: int = NOTES, *, spoiled: bool = True) -> str:
    """So many faturas, the same for everybody; unless all are to be good, some of every hundred bear a trouble."""
    rows = [row for one in range(1, notes + 1) for row in _faturas(one, notes, spoiled=spoiled)]
    names = [column.name for column in BILLING if column.required or any(column.name in row for row in rows)]
    return _csv(names, [[row.get(name, "") for name in names] for row in rows])


def contributors(notes: int = NOTES) -> dict[str, str]:
    """Subscribers whose active IE the file does not know, by CPF: the authority refuses their notes (cStat 430)."""
    troubled = [number for number in range(1, notes + 1) if _HUNDRED.get(number % 100) is _hide_ie]
    rows = dict(enumerate(_plain_rows(notes), start=1))
    return {rows[number]["cpf_cnpj"]: rows[number][_HIDDEN] for number in troubled}


def refused_by_rules(notes: int = NOTES) -> int:
    """How many notes the rules refuse before they are sent."""
    return sum(_HUNDRED.get(number % 100) in _AGAINST_RULES for number in range(1, notes + 1))


@cache
def _plain_rows(notes: int) -> list[dict[str, str]]:
    chance = random.Random(SEED)  # noqa: S311 an example, the same for everybody
    return [_row(number, chance) for number in range(1, notes + 1)]


def _faturas(number: int, notes: int, *, spoiled: bool) -> list[dict[str, str]]:
    """The lines of one fatura; every tenth has a telephone beside the internet."""
    row = _plain_rows(notes)[number - 1]
    lines = [{name: value for name, value in row.items() if name != _HIDDEN}]
    if number % 10 == 0:
        lines.append(lines[0] | {"plano": "FIXO", "descricao": "Telefone fixo ilimitado", "valor_unitario": "39,90"})
    trouble = _HUNDRED.get(number % 100) if spoiled else None
    return trouble(lines) if trouble else lines


def _row(number: int, chance: random.Random) -> dict[str, str]:
    place = ESTABLISHMENTS[number % len(ESTABLISHMENTS)]
    plan, description, price = _PLANS[chance.randrange(3)]
    return {
        "cnpj_emitente": place.cnpj,
        "fatura": f"2026-11-{number:04d}",
        "competencia": "11/2026",
        "vencimento": "10/12/2026",
        "cliente": str(1000 + number),
        "nome": f"{chance.choice(_FIRST)} {chance.choice(_LAST)} {chance.choice(_LAST)}",
        "cpf_cnpj": _cpf(chance),
        "logradouro": chance.choice(_STREETS),
        "numero": str(chance.randint(1, 2000)),
        "bairro": "Centro",
        "cep": place.cep,
        "municipio": place.municipio,
        "uf": place.uf,
        "contrato": f"C-{1000 + number}",
        "contrato_inicio": f"{chance.randint(1, 28):02d}/{chance.randint(1, 12):02d}/2024",
        "plano": plan,
        "descricao": description,
        "quantidade": "1",
        "valor_unitario": price,
        "linha_digitavel": _linha(chance),
        "indicador_ie": "9",
        "telefone": f"119{chance.randint(10_000_000, 99_999_999)}",
        _HIDDEN: place.ie,
    }


Lines = list[dict[str, str]]


def _with(**cells: str) -> Callable[[Lines], Lines]:
    """The first line with other cells."""
    return lambda lines: [lines[0] | cells, *lines[1:]]


def _lose_zeros(lines: Lines) -> Lines:
    """What a spreadsheet does to a CPF or CEP that begins with zero; the others stay."""
    return [line | {name: line[name].lstrip("0") for name in ("cpf_cnpj", "cep")} for line in lines]


def _discount(lines: Lines) -> Lines:
    """A line that takes ten reais off the plan."""
    return [*lines, lines[0] | {"descricao": "Desconto fidelidade", "valor_unitario": "-10,00"}]


def _reais(lines: Lines) -> Lines:
    return [line | {"valor_unitario": f"R$ {line['valor_unitario']}"} for line in lines]


def _hide_ie(lines: Lines) -> Lines:
    """A contributor who is billed as none: only the authority knows."""
    return lines


_wrong_exemption: Final = _with(indicador_ie="2")
_other_uf: Final = _with(uf="SC", municipio="Florianópolis", cep="88010000")
_HUNDRED: Final[Mapping[int, Callable[[Lines], Lines]]] = {
    7: _with(cpf_cnpj="123.456.789-00"),
    19: _with(cep="9001-00"),
    23: _with(plano="RADIO10"),
    31: _wrong_exemption,
    43: _other_uf,
    52: _lose_zeros,
    57: _with(linha_digitavel="2,37934E+46"),
    61: _reais,
    66: _discount,
    72: _with(situacao="cancelada"),
    75: _with(total_fatura="1,00"),
    83: _hide_ie,
    94: _hide_ie,
}
"""What is wrong with some faturas of every hundred, by the end of their number."""
_AGAINST_RULES: Final = (_wrong_exemption, _other_uf)
_HIDDEN: Final = "ie do cadastro"


def _cpf(chance: random.Random) -> str:
    """A number with right check digits, of nobody in particular."""
    digits = [chance.randint(0, 9) for _ in range(9)]
    for _ in range(2):
        weighted = sum(d * w for d, w in zip(digits, range(len(digits) + 1, 1, -1), strict=True))
        digits.append((weighted * 10 % 11) % 10)
    return "".join(map(str, digits))


def _linha(chance: random.Random) -> str:
    """A slip of a bank, due on 30 November 2026, with its check digits."""
    before, after = "2379", "1646" + _digits(chance, 10) + _digits(chance, 25)
    return boleto.linha_digitavel(before + boleto.mod11(before + after, "1") + after)


def _digits(chance: random.Random, count: int) -> str:
    return "".join(str(chance.randint(0, 9)) for _ in range(count))


def _csv(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return text.getvalue()
