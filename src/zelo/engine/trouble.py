"""When the database cannot serve: what to tell people. Nothing is lost; work goes on by itself afterwards."""

from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

TROUBLES = (OperationalError, InterfaceError, PoolTimeoutError)
"""Exceptions that mean "not now": the caller waits and tries again."""


def sentence(error: BaseException) -> str:
    """One pt-BR sentence with the remedy."""
    text = str(error.orig if isinstance(error, DBAPIError) else error).lower()
    if "full" in text or "no space" in text:
        return "O disco do banco de dados está cheio: libere espaço. Nada se perdeu; o trabalho volta sozinho."
    if "locked" in text or "busy" in text:
        return "O banco de dados está ocupado por outro programa. O trabalho volta sozinho quando ele soltar."
    if "readonly" in text or "read-only" in text:
        return "O banco de dados está só para leitura: confira as permissões da pasta de dados."
    return "O banco de dados não responde: confira se ele está no ar. O trabalho volta sozinho."


def damage(error: DatabaseError) -> str:
    """What to say of a file that SQLite does not take for a database. Any other error is raised again."""
    if type(error) is not DatabaseError:
        raise error
    return "O arquivo do banco de dados está danificado. Guarde-o à parte e use zelo restore com o último backup."
