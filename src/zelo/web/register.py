"""The register of an establishment and the beginning of a série, read from forms and from the API alike."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from zelo.engine.schema.assemble import numbering
from zelo.facts.place import municipio
from zelo.fiscal.chave import Chave, is_chave
from zelo.fiscal.cnpj import base, clean, show
from zelo.fiscal.fault import Fault
from zelo.fiscal.uf import Uf
from zelo.isp.billing import cell
from zelo.models.nfcom.document import MODELO
from zelo.models.nfcom.rules.registration import is_ie
from zelo.web import words
from zelo.web.forms import Field, Filled, Option

_UFS: Final = tuple((uf.value, uf.value) for uf in sorted(Uf))

REGISTER: Final = (
    Field(name="cnpj", label="CNPJ", read=cell.company, chars=20),
    Field(name="ie", label="Inscrição estadual", chars=18),
    Field(name="nome", label="Razão social", chars=60),
    Field(name="fantasia", label="Nome fantasia", required=False, chars=60),
    Field(name="crt", label="Regime tributário (CRT)", options=words.CRT),
    Field(name="cep", label="CEP", read=cell.digits(8, "O CEP"), chars=10, inputmode="numeric"),
    Field(name="logradouro", label="Logradouro", chars=60, width=4),
    Field(name="numero", label="Número", chars=60, width=2, hint="SN quando não há."),
    Field(name="complemento", label="Complemento", required=False, chars=60),
    Field(name="bairro", label="Bairro", chars=60),
    Field(name="municipio", label="Município", chars=60, width=4),
    Field(name="uf", label="UF", options=_UFS, width=2),
    Field(name="fone", label="Telefone com DDD", read=cell.phone, kind="tel", required=False, chars=20),
    Field(name="email", label="E-mail", kind="email", required=False, chars=60),
)
_OPTIONAL: Final = ("fantasia", "complemento", "fone", "email")

KNOWN: Final = Fault("ESTABELECIMENTO-REPETIDO", "Este CNPJ já está cadastrado.", "Confira o CNPJ.")
OTHER_BASE: Final = Fault("ESTABELECIMENTO-RAIZ", "O CNPJ é de outra empresa.", "Use um CNPJ com a raiz desta empresa.")
FIXED: Final = Fault(
    "ESTABELECIMENTO-CNPJ", "O CNPJ de um estabelecimento não muda.", "Cadastre outro estabelecimento."
)
WRONG_IE: Final = Fault(
    "ESTABELECIMENTO-IE", "A inscrição estadual não existe na UF: o dígito não confere.", "Confira a IE e a UF."
)


def values_of(form: Filled, company: Row[Any] | None, kept_cnpj: str | None = None) -> dict[str, Any] | None:
    """The columns of the register, or None with what is wrong told in the form. `kept_cnpj` may not change."""
    found = _place(form.text("municipio"), form.text("uf")) if form.good() else ""
    if not form.good() or company is None:
        return None
    if base(form.text("cnpj")) != company.cnpj_base:
        form.refuse("cnpj", OTHER_BASE)
    if kept_cnpj is not None and form.text("cnpj") != kept_cnpj:
        form.refuse("cnpj", FIXED)
    if not is_ie(form.text("ie"), form.text("uf")):
        form.refuse("ie", WRONG_IE)
    if isinstance(found, Fault):
        form.refuse("municipio", found)
    if not form.good():
        return None
    plain = {one.name: form.text(one.name) for one in REGISTER}
    empty = {name: plain[name] or None for name in _OPTIONAL}
    return plain | empty | {"ie": clean(plain["ie"]), "municipio": found}


def _place(text: str, uf: str) -> str | Fault:
    """The code of a municipality that was given by name, or by its code."""
    known = municipio(text)
    return known.codigo if known is not None and known.uf == uf else cell.municipio(text, uf)


def shown(row: Row[Any]) -> dict[str, Any]:
    """The register as a form shows it."""
    place = municipio(row.municipio)
    return {
        **{one.name: getattr(row, one.name) for one in REGISTER},
        "cnpj": show(row.cnpj),
        "municipio": place.nome if place else row.municipio,
    }


CERTIFICATES: Final = (
    Field(name="assina", label="Certificado que assina", required=False, width=6),
    Field(name="transmite", label="Certificado que transmite", required=False, width=6, hint="Em geral, o mesmo."),
    Field(
        name="credenciado", label="Credenciado na SEFAZ desde", read=cell.day, kind="date", required=False, width=6,
        hint="A data em que a UF aceitou o estabelecimento como emissor de NFCom.",
    ),
)  # fmt: skip


def certificate_fields(rows: Iterable[Row[Any]]) -> tuple[Field, ...]:
    """The choice among the certificates that are installed."""
    options: list[Option] = [
        (row.id, f"{row.subject.partition(':')[0]} · até {row.valid_until:%d/%m/%Y}") for row in rows
    ]
    signs, transmits, since = CERTIFICATES
    none: Option = ("", "nenhum")
    same: Option = ("", "o mesmo que assina")
    return (_choice(signs, (none, *options)), _choice(transmits, (same, *options)), since)


def _choice(one: Field, options: Sequence[Option]) -> Field:
    return Field(name=one.name, label=one.label, required=False, options=tuple(options), hint=one.hint, width=one.width)


FORMER: Final = "chave"
NEVER: Final = "nunca"
NEVER_WORDS: Final = "nunca emitiu nesta série"
FORMER_WORDS: Final = "última nota do sistema anterior"

SERIE: Final = (
    Field(name="serie", label="Série", read=cell.serie, chars=3, width=2, inputmode="numeric"),
    Field(
        name="proximo", label="Próximo número", read=cell.positive, required=False, chars=9, width=2,
        inputmode="numeric", hint="O que vem depois da última nota emitida.",
    ),
    Field(
        name="prova", label="De onde vem a numeração", width=6,
        options=(
            (FORMER, "Outro sistema já emitiu nesta série: informo a última nota"),
            (NEVER, "Nunca emiti nesta série: a numeração começa em 1"),
        ),
    ),
    Field(
        name="chave", label="Chave da última nota do sistema anterior", required=False, chars=60, width=6,
        hint="44 caracteres; espaços não atrapalham.",
    ),
)  # fmt: skip

NO_CHAVE: Final = Fault(
    "SERIE-PROVA", "Falta a chave da última nota.", "Copie-a do XML ou do DANFE-COM da última nota."
)
NOT_CHAVE: Final = Fault("SERIE-CHAVE", "Não é uma chave: a forma ou o dígito não confere.", "Copie os 44 caracteres.")
IN_USE: Final = Fault(
    "SERIE-EM-USO", "A série já está em uso: a numeração segue sozinha.", "Para recomeçar, cadastre outra série."
)
NOT_WHOLE: Final = Fault("SERIE-NUMERO", "O número precisa ser inteiro.", "Escreva só algarismos.")


@dataclass(frozen=True, slots=True)
class SerieStart:
    """Where a série goes on, and how that is known."""

    serie: int
    next_nnf: int
    evidence: str
    chave: str | None


def serie_start(form: Filled, establishment: Row[Any]) -> SerieStart | None:
    """The beginning of a série, or None with what is wrong told in the form.

    Starting below what another system has issued gives a 539 for every note (users §1): hence the last note itself is
    asked for, and must agree in emitter, model and série, and be the one before the next number.
    """
    serie, asked = int(form.text("serie")), form.number("proximo")
    if asked != int(asked):
        form.refuse("proximo", NOT_WHOLE)
        return None
    if form.text("prova") == NEVER:
        if asked not in (0, 1):
            form.refuse("proximo", _disagrees("quem nunca emitiu começa em 1"))
            return None
        return SerieStart(serie, 1, NEVER_WORDS, None)
    text = "".join(form.text("chave").split()).upper()
    if not text:
        form.refuse("chave", NO_CHAVE)
        return None
    try:
        chave = Chave.parse(text)
    except ValueError:
        form.refuse("chave", NOT_CHAVE)
        return None
    wrong = _disagreement(chave, serie, establishment)
    if wrong:
        form.refuse("chave", _disagrees(wrong))
        return None
    if asked not in (0, chave.nnf + 1):
        form.refuse("proximo", _disagrees(f"a última nota é a {chave.nnf}, a próxima seria a {chave.nnf + 1}"))
        return None
    return SerieStart(serie, chave.nnf + 1, FORMER_WORDS, text)


def _disagrees(how: str) -> Fault:
    return Fault("SERIE-DIVERGE", f"Não combina: {how}.", "Confira a última nota do sistema anterior.")


def _disagreement(chave: Chave, serie: int, establishment: Row[Any]) -> str:
    """What of the last note is not as it should be, or ""."""
    if chave.mod != MODELO:
        return f"a nota é do modelo {chave.mod}, e a NFCom é o {MODELO}"
    if chave.cnpj != establishment.cnpj:
        return f"a nota é do CNPJ {show(chave.cnpj)}"
    if chave.cuf != Uf(establishment.uf).codigo:
        return "a nota é de outra UF"
    if chave.serie != serie:
        return f"a nota é da série {chave.serie}"
    return ""


def first_number(evidence_chave: str | None) -> int:
    """The number that a série began with, by its evidence."""
    return Chave.parse(evidence_chave).nnf + 1 if evidence_chave and is_chave(evidence_chave) else 1


def locked_serie(connection: Connection, establishment_id: str, serie: int) -> Row[Any] | None:
    """A série as it stands, standing still until the transaction ends."""
    query = select(numbering).where(
        numbering.c.establishment_id == establishment_id, numbering.c.modelo == MODELO, numbering.c.serie == serie
    )
    return connection.execute(query.with_for_update()).first()
