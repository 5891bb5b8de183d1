"""What names the messages that another program sends: chaves, Ids of events and inutilizações, as the layouts say."""

from typing import Final

from zelo.fiscal.chave import Chave
from zelo.fiscal.uf import Uf

EMITTER: Final = "11222333000181"


def chave(
    modelo: str = "55", nnf: int = 1, *, uf: Uf = Uf.RS, cnpj: str = EMITTER, month: str = "2611", serie: int = 1,
    tpemis: str = "1", code: int = 1,
) -> str:  # fmt: skip
    """A chave; another `month` or `code` is another chave of the same number."""
    site = "0" if modelo == "62" else ""
    return str(
        Chave.build(
            cuf=uf.codigo, aamm=month, cnpj=cnpj, mod=modelo, serie=serie, nnf=nnf, tpemis=tpemis, nsite=site,
            cnf=f"{code:0{7 if site else 8}d}",
        )
    )  # fmt: skip


def event(of: str, sequence: int = 1, kind: str = "110111") -> str:
    """The Id of an event of that note."""
    return f"ID{kind}{of}{sequence:0{3 if of[20:22] == '62' else 2}d}"


def voiding(modelo: str = "55", first: int = 1, last: int = 9, *, uf: Uf = Uf.RS, cnpj: str = EMITTER) -> str:
    """The Id of an inutilização."""
    return f"ID{uf.codigo}26{cnpj}{modelo}001{first:09d}{last:09d}"
