"""The file of the gateway: preallocated to its budget, so that a disk that others fill does not stop a till.

One SQLite file, WAL, `synchronous=FULL`: what a commit acknowledged survives a power cut. The file has its full size
from the first day and its WAL stays on disk, so every later write reuses room that it already owns. Measured and
argued in decision 019. A file system that copies on write (btrfs, ZFS) or compresses gives no such promise.
"""

import ctypes
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final

import apsw

PAGE_BYTES: Final = 4_096
WAL_PAGES: Final = 1_024
"""The WAL's size on disk; a checkpoint begins at half of it, so that the largest coupon still fits."""
WAL_BYTES: Final = 32 + WAL_PAGES * (PAGE_BYTES + 24)
BESIDE_BYTES: Final = WAL_BYTES + 65_536
"""What the WAL and its index take out of the budget."""
LEAST_BUDGET_BYTES: Final = 8_388_608
BUSY_MILLIS: Final = 5_000
MOST_BUDGET_BYTES: Final = 2_147_483_648
_GROWTH_PAGES: Final = 8_192
"""Of one step of preallocation."""
_OVERFLOW_BYTES: Final = PAGE_BYTES - 4
_IN_LEAF_BYTES: Final = 1_500
"""Of a large value, SQLite keeps 489 to 4,061 bytes beside its row and the rest in full overflow pages."""
_FILLER: Final = "outbox_room_"
_READ_AND_WRITE: Final = 0o666
_OWNER_ONLY: Final = 0o600
"""SQLite gives WAL and shared memory the rights of the file."""
_MEGABYTE: Final = 1_048_576


_DAMAGED: Final = (
    "O arquivo {file} está danificado. Pare o gateway, guarde uma cópia da pasta inteira, tire esse arquivo do lugar e "
    "reinicie: outro é criado, e os códigos de ativação se gravam de novo."
)
_FORBIDDEN: Final = (
    "Este usuário não pode gravar {file}, ou o disco está só para leitura. Confira de quem é a pasta e o disco, e rode "
    "com o usuário do serviço do gateway."
)
_TROUBLES: Final = (
    (apsw.FullError, "Não há espaço em disco para {file}. Libere espaço ou configure uma fila menor."),
    (apsw.NotADBError, _DAMAGED),
    (apsw.CorruptError, _DAMAGED),
    (apsw.CantOpenError, _FORBIDDEN),
    (apsw.ReadOnlyError, _FORBIDDEN),
    (apsw.BusyError, "Outro programa está com {file} aberto. Feche-o e tente de novo."),
    (
        apsw.IOError,
        "O disco não deixa ler ou gravar {file}. Verifique-o; antes de um conserto guarde cópia da pasta.",
    ),
)
"""What SQLite complains of, as a person can mend it."""
_REFUSALS: Final = {
    errno.ENOSPC: "falta espaço",
    errno.EACCES: "sem permissão",
    errno.EPERM: "sem permissão",
    errno.EROFS: "só para leitura",
    errno.EIO: "o disco não responde",
    errno.EISDIR: "é uma pasta",
    errno.ENOTDIR: "no caminho há um arquivo em vez de uma pasta",
}
_UNKNOWN: Final = "O arquivo {file} não pode ser usado ({error}). Guarde uma cópia da pasta e chame o suporte."


class FileError(Exception):
    """The file cannot be used; the sentence, in pt-BR, tells why and what to do."""


def open_file(
    file: Path, budget_bytes: int, *, version: int, create: Callable[[apsw.Connection], None]
) -> apsw.Connection:
    """A connection to the file, made first if there is none: `create` makes the tables inside a transaction.

    `version` is that of the tables. File and WAL together stay within the budget. A larger budget than before makes
    the file grow now; a smaller one leaves it as large as it is. Every connection must be opened here, since the bound
    is one of the connection. Raises FileError.
    """
    if not LEAST_BUDGET_BYTES <= budget_bytes <= MOST_BUDGET_BYTES:
        least, most = (bound // _MEGABYTE for bound in (LEAST_BUDGET_BYTES, MOST_BUDGET_BYTES))
        raise FileError(f"O tamanho da fila vai de {least} a {most} MB, e não {budget_bytes // _MEGABYTE} MB.")
    pages = (budget_bytes - BESIDE_BYTES) // PAGE_BYTES
    try:
        if not file.exists():
            _make(file, pages, version, create)
        return _opened(file, pages, version)
    except apsw.Error as error:
        raise trouble(error, file) from error


def trouble(error: apsw.Error, file: Path) -> FileError:
    """What SQLite complains of, in pt-BR and with a remedy."""
    sentence = next((sentence for kind, sentence in _TROUBLES if isinstance(error, kind)), _UNKNOWN)
    return FileError(sentence.format(file=file, error=error))


@contextmanager
def writing(connection: apsw.Connection) -> Iterator[apsw.Connection]:
    """One immediate transaction: all or nothing."""
    connection.execute("begin immediate")
    try:
        yield connection
    except BaseException:
        if connection.in_transaction:  # SQLite takes it back by itself where the disk is full
            connection.execute("rollback")
        raise
    connection.execute("commit")


def free_pages(connection: apsw.Connection) -> int:
    """Pages that may still be written: those of the free list, for the file has its full size."""
    return int(connection.execute("pragma freelist_count").get)


def _make(file: Path, pages: int, version: int, create: Callable[[apsw.Connection], None]) -> None:
    """Under another name until it is whole: a file with the right name has its tables and its room.

    Where there is no room nothing of it stays, for that would take the room of others.
    """
    fresh = file.with_name(f"{file.name}.new")
    _clear(fresh)
    connection = apsw.Connection(str(fresh))
    try:
        connection.execute(f"pragma page_size = {PAGE_BYTES}")
        with writing(connection):
            create(connection)
            connection.execute(f"pragma user_version = {int(version)}")
        _grow(connection, pages)
    except BaseException:
        connection.close()
        _clear(fresh)
        raise
    connection.close()
    fresh.chmod(_OWNER_ONLY)
    for of_another in ("-wal", "-shm"):  # SQLite would play what a file of this name left behind into the new one
        file.with_name(f"{file.name}{of_another}").unlink(missing_ok=True)
    fresh.replace(file)
    sync_folder(file.parent)


def _clear(fresh: Path) -> None:
    for leftover in (fresh, fresh.with_name(f"{fresh.name}-journal")):
        leftover.unlink(missing_ok=True)


def _opened(file: Path, pages: int, version: int) -> apsw.Connection:
    connection = apsw.Connection(str(file))
    try:
        connection.set_busy_timeout(BUSY_MILLIS)
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)  # else what may use a partial index is planned each time
        found = connection.execute("pragma user_version").get
        if found != version:
            raise FileError(
                f"O arquivo {file} é da versão {found}, e este programa usa a {version}. Atualize o gateway."
            )
        _empty_out(connection)
        if connection.execute("pragma page_count").get < pages:
            connection.execute("pragma journal_mode = delete")
            _grow(connection, pages)
        if connection.readonly("main"):
            raise apsw.ReadOnlyError("it could only be opened for reading, and would stay so when that is mended")
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.execute(f"pragma max_page_count = {pages}")
        connection.wal_autocheckpoint(WAL_PAGES // 2)
        stays = ctypes.c_int(1)
        connection.file_control("main", apsw.SQLITE_FCNTL_PERSIST_WAL, ctypes.addressof(stays))
        with suppress(apsw.FullError, apsw.BusyError):  # on a full disk what is queued can still be read and sent
            _keep_wal(connection, file, version)
    except BaseException:
        connection.close()
        raise
    return connection


def _grow(connection: apsw.Connection, pages: int) -> None:
    """Write pages and free them again, without a WAL: they stay in the file and on its free list.

    Not where the disk has no room for all: a file never becomes smaller.
    """
    missing = pages - connection.execute("pragma page_count").get
    if missing * PAGE_BYTES > shutil.disk_usage(Path(connection.filename).parent).free:
        raise apsw.FullError(f"no room for {missing} pages")
    try:
        for number in count():
            missing = pages - connection.execute("pragma page_count").get
            if missing <= 0:
                break
            with writing(connection):
                connection.execute(f"create table {_FILLER}{number} (filler blob)")
                filled = min(missing, _GROWTH_PAGES) + connection.execute("pragma freelist_count").get
                size = filled * _OVERFLOW_BYTES + _IN_LEAF_BYTES
                connection.execute(f"insert into {_FILLER}{number} values (zeroblob(?))", (size,))  # noqa: S608 our own name
    finally:
        _empty_out(connection)


def _empty_out(connection: apsw.Connection) -> None:
    """Free what fills the file, also where that was broken off before."""
    fillers = connection.execute(f"select name from sqlite_master where name glob '{_FILLER}*'").fetchall()  # noqa: S608
    if fillers:
        with writing(connection):
            for (filler,) in fillers:
                connection.execute(f"drop table {filler}")


def _keep_wal(connection: apsw.Connection, file: Path, version: int) -> None:
    """Let the WAL have its size: the header page, written over and over, needs no room in the file.

    `journal_size_limit` would do for a WAL that outgrew it, but empties a WAL that is to stay when the file is closed.
    """
    wal = file.with_name(f"{file.name}-wal")
    size = wal.stat().st_size if wal.exists() else 0
    if size == WAL_BYTES:
        return
    if size > WAL_BYTES:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    connection.wal_autocheckpoint(0)
    connection.execute("pragma synchronous = off")
    try:
        for _ in range(WAL_PAGES):
            connection.execute(f"pragma user_version = {int(version)}")
    finally:
        connection.execute("pragma synchronous = full")
        connection.wal_autocheckpoint(WAL_PAGES // 2)
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)


def put_in_place(content: bytes, draft: Path, file: Path, like: Path) -> None:
    """A file under its name whole or not at all, its bytes on the disk. Who may read that folder may read it."""
    with draft.open("wb") as written:
        written.write(content)
        written.flush()
        os.fsync(written.fileno())
    draft.chmod(like.stat().st_mode & _READ_AND_WRITE)
    draft.replace(file)


def refusal_words(error: OSError) -> str:
    """Why the system refuses a file, in pt-BR; of what is not common, its own words."""
    return _REFUSALS.get(error.errno or 0) or error.strerror or str(error)


def sync_folder(folder: Path) -> None:
    """The new name is on disk too. Windows knows no such call: NTFS journals names by itself."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
