"""The numbers of each série: gapless, because a number is taken in the very transaction that signs its document."""

from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select, update

from zelo.engine.schema.assemble import numbering
from zelo.engine.statement import change, put

LAST_NUMBER: Final = 999_999_999
_TAKE: Final = (
    update(numbering)
    .where(
        numbering.c.establishment_id == bindparam("of_establishment"),
        numbering.c.modelo == bindparam("of_modelo"),
        numbering.c.serie == bindparam("of_serie"),
        numbering.c.next_nnf <= LAST_NUMBER,
    )
    .values(next_nnf=numbering.c.next_nnf + 1)
    .returning(numbering.c.next_nnf)
)


class SeriesError(LookupError):
    """A série that was not set up, or is used up; the message says so in pt-BR."""


def take_number(connection: Connection, establishment_id: str, modelo: str, serie: int) -> int:
    """The next number of a série. Rolled back with the transaction, it was never taken. Raises SeriesError."""
    series = {"of_establishment": establishment_id, "of_modelo": modelo, "of_serie": serie}
    taken = connection.execute(_TAKE, series).scalar()
    if taken is None:
        raise SeriesError(f"A série {serie} não está cadastrada neste estabelecimento, ou acabou.")
    return int(taken) - 1


def give_back(connection: Connection, establishment_id: str, modelo: str, serie: int, nnf: int) -> None:
    """The number that this very transaction took, and that nobody has seen, is the next one again."""
    taken = {"establishment_id": establishment_id, "modelo": modelo, "serie": serie, "next_nnf": nnf + 1}
    if change(connection, numbering, taken, {"next_nnf": nnf}) != 1:
        raise RuntimeError(f"number {nnf} of série {serie} is not the last one taken")


def set_up(
    connection: Connection,
    *,
    establishment_id: str,
    modelo: str,
    serie: int,
    next_nnf: int,
    evidence: str,
    evidence_chave: str | None,
) -> None:
    """Say where a série goes on, and how it is known: the last note of the former system, or that there is none."""
    put(
        connection,
        numbering,
        {"establishment_id": establishment_id, "modelo": modelo, "serie": serie},
        {"next_nnf": next_nnf, "evidence": evidence, "evidence_chave": evidence_chave},
    )


def series(connection: Connection, establishment_id: str) -> list[Row[Any]]:
    """The séries of an establishment."""
    query = select(numbering).where(numbering.c.establishment_id == establishment_id)
    return list(connection.execute(query.order_by(numbering.c.modelo, numbering.c.serie)))
