"""`zelo guard watch`: the drop folder of a program that transmits by itself and cannot call the API.

    entrada     the program puts a document here, whole
    liberados   it may be sent, once          retidos     not now: looked at again when its time comes
    retornos    what SEFAZ answered           lidos       answers that were counted
    recusados   what could not be read

A file is held under a token of its own (`.zelo/entrada/TOKEN/NAME`) before it is asked about, and leaves by one rename
once its answer lies there (`NAME.json`). Whatever dies in between, and however many watch, the token tells the same.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, Final

import structlog

from zelo.cli.emit import find_company
from zelo.cli.files import content_of
from zelo.cli.running import interruptible
from zelo.cli.screen import complain, plain, refusal, say
from zelo.engine import trouble
from zelo.facts import place
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import show
from zelo.flow import drop
from zelo.flow.drop import Judged, Owner
from zelo.flow.foreign import Reported
from zelo.flow.tools import Tools
from zelo.guard.advice import Word
from zelo.guard.diagnosis.evidence import Trouble
from zelo.guard.diagnosis.reading import MOST_BYTES
from zelo.guard.paper import is_whole
from zelo.guard.shell import GuardConflictError
from zelo.web.gate import well_formed

log = structlog.get_logger("zelo.watch")

ENTRADA: Final = "entrada"
LIBERADOS: Final = "liberados"
RETIDOS: Final = "retidos"
RETORNOS: Final = "retornos"
LIDOS: Final = "lidos"
RECUSADOS: Final = "recusados"
HELD: Final = ".zelo"
"""Where a file is while it is asked about, in a folder of its own named by its token."""
FOLDERS: Final = (
    ENTRADA, LIBERADOS, RETIDOS, RETORNOS, LIDOS, RECUSADOS, f"{HELD}/{ENTRADA}", f"{HELD}/{RETORNOS}",
)  # fmt: skip
BATCH_FILES: Final = 200
"""Of one folder in a turn, so that none waits for a million of another."""
PATIENCE: Final = timedelta(seconds=60)
"""How long a file may take to become whole."""
LOOK_AGAIN: Final = timedelta(seconds=60)
"""A person may release what is held at any moment."""
POLL_SECONDS: Final = 1.0
MOST_NAME_BYTES: Final = 240
"""With `.json` it is still a name that every disk takes (255)."""
MOST_SIDECAR_BYTES: Final = 10_000
SIDECAR: Final = ".json"
_UNFINISHED: Final = (".tmp", ".part", SIDECAR)
_OF_ANSWERS: Final = ("-pro-rec.xml", "-rec.xml", "-ret.xml")
_OF_DOCUMENTS: Final = ("-nfe.xml", "-nfce.xml", "-nfcom.xml", "-eve.xml", "-inu.xml", ".xml")
"""NAME-ret.xml answers NAME-nfe.xml; only where the answer itself names no document."""


class WatchError(RuntimeError):
    """The folder cannot be watched; the message says why in pt-BR."""


@dataclass(slots=True)
class Desk:
    """The folder, whose it is, and what is in the way of its files at present."""

    root: Path
    owner: Owner
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a file goes and what is said about it; `until`: when to look again."""

    folder: str
    words: Mapping[str, Any]
    until: datetime | None = None


def run(tools: Tools, root: Path, company: str) -> None:
    """Watch the folder of a company until a signal. Raises WatchError, EmitError, OSError."""
    chosen = find_company(tools, company)
    desk = open_desk(root, Owner(tools, chosen.id, chosen.cnpj_base))
    with interruptible() as stop:
        say(
            f"Cuidando de {plain(root)} para {plain(chosen.name)}: grave em {ENTRADA}, envie o que aparecer em "
            f"{LIBERADOS} e grave as respostas em {RETORNOS}. Ctrl+C encerra."
        )
        watch(desk, stop.wait)


def open_desk(root: Path, owner: Owner) -> Desk:
    """The folder with its folders. Raises WatchError for one that leads elsewhere, and OSError."""
    for name in FOLDERS:
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        if folder.is_symlink() or (root / HELD).is_symlink():
            raise WatchError(f"{folder} é um atalho para outro lugar. Ponha uma pasta de verdade ali.")
    return Desk(root, owner)


def watch(desk: Desk, stopped: Callable[[float], bool]) -> None:
    """Turn until told to stop; `stopped` waits so many seconds. What is in the way is told once, and tried again."""
    told = ""
    while not stopped(0):
        done = turn(desk)
        if desk.trouble != told:
            told = desk.trouble
            complain(told) if told else say("O que impedia passou: o trabalho continua.")
        if not done:
            stopped(POLL_SECONDS)


def turn(desk: Desk) -> int:
    """What is due now; how many files were attended to. Trouble of disk or database is told in the desk, not raised."""
    desk.trouble = ""
    try:
        return (
            _each(desk, _left_behind(desk, RETORNOS), _settle_answer)
            + _each(desk, _left_behind(desk, ENTRADA), _settle_document)
            + _each(desk, _files(desk.root / RETORNOS), _take_answer)
            + _each(desk, _files(desk.root / ENTRADA), _take_document)
            + _each(desk, _due(desk), _look_again)
        )
    except trouble.TROUBLES as error:
        desk.trouble = trouble.sentence(error)
    except GuardConflictError:
        log.info("somebody else moved the number meanwhile")
    return 0


def _each(desk: Desk, paths: Iterator[Path], act: Callable[[Desk, Path], bool]) -> int:
    """Act on some of them; one that the disk refuses does not stop the others, one that vanished is somebody's."""
    done = 0
    for path in list(islice(paths, BATCH_FILES)):
        try:
            done += act(desk, path)
        except FileNotFoundError:
            continue
        except OSError as error:
            desk.trouble = refusal(error).encode("utf-8", "replace").decode()
    return done


def _files(folder: Path) -> Iterator[Path]:
    """Regular files that are not said to be unfinished; links and pipes are nobody's documents."""
    with os.scandir(folder) as entries:
        for entry in entries:
            hidden = entry.name.startswith(".") or entry.name.endswith(_UNFINISHED)
            if not hidden and entry.is_file(follow_symlinks=False):
                yield Path(entry.path)


def _left_behind(desk: Desk, kind: str) -> Iterator[Path]:
    """What somebody took and did not bring to its end: a crash, or another who is just about to."""
    with os.scandir(desk.root / HELD / kind) as holds:
        for hold in holds:
            if not well_formed(hold.name):
                continue
            with suppress(OSError):
                inside = list(Path(hold.path).iterdir())
                yield from inside
                if not inside:
                    Path(hold.path).rmdir()


def _due(desk: Desk) -> Iterator[Path]:
    """Retained documents whose time has come: it is when their answer says that it was last changed."""
    now = desk.owner.tools.clock().timestamp()
    for path in _files(desk.root / RETIDOS):
        try:
            if _sidecar(path).stat().st_mtime > now:
                continue
        except FileNotFoundError:
            pass
        yield path


def _take_document(desk: Desk, path: Path) -> bool:
    return _ripe(desk, path) and _settle_document(desk, _hold(desk, path, ENTRADA))


def _take_answer(desk: Desk, path: Path) -> bool:
    return _ripe(desk, path) and _settle_answer(desk, _hold(desk, path, RETORNOS))


def _ripe(desk: Desk, path: Path) -> bool:
    """Whole, or past the time in which it could have become so."""
    content = content_of(path, MOST_BYTES)
    age = abs(desk.owner.tools.clock().timestamp() - path.stat(follow_symlinks=False).st_mtime)
    return age >= PATIENCE.total_seconds() or (isinstance(content, bytes) and is_whole(content))


def _hold(desk: Desk, path: Path, kind: str) -> Path:
    """Take the file under a new token. Raises FileNotFoundError where somebody else was faster."""
    tools = desk.owner.tools
    hold = desk.root / HELD / kind / tools.new_id(tools.clock())
    hold.mkdir()
    return path.rename(hold / _short(path.name))


def _short(name: str) -> str:
    raw = os.fsencode(name)
    return name if len(raw) <= MOST_NAME_BYTES else f"{sha256(raw).hexdigest()}.xml"


def _look_again(desk: Desk, path: Path) -> bool:
    """Ask without reserving; only what may go is taken."""
    content = content_of(path, MOST_BYTES)
    judged = drop.look(desk.owner, content) if isinstance(content, bytes) else None
    if isinstance(judged, Judged) and judged.admission.said.word is not Word.ADMIT:
        _say(desk, path, _retained(desk, judged))
        return True
    return _settle_document(desk, _hold(desk, path, ENTRADA))


def _settle_document(desk: Desk, path: Path) -> bool:
    """Ask about a document that is held, and let it go where the answer says."""
    content = content_of(path, MOST_BYTES)
    if isinstance(content, Trouble):
        return _let_go(desk, path, _refused(_UNREADABLE))
    judged = drop.document(desk.owner, path.parent.name, content)
    if isinstance(judged, Fault):
        return _let_go(desk, path, _refused(judged))
    token = judged.admission.token
    log.info("asked", subject=judged.send.subject, answer=judged.admission.said.word.value)
    admitted = Answer(LIBERADOS, {**_words(judged), "token": token})
    return _let_go(desk, path, admitted if token else _retained(desk, judged))


def _settle_answer(desk: Desk, path: Path) -> bool:
    """Report an answer that is held."""
    content = content_of(path, MOST_BYTES)
    if isinstance(content, Trouble):
        return _let_go(desk, path, _refused(_UNREADABLE))
    done = drop.answer(desk.owner, path.name, content, _token_of(desk, path.name))
    if not done:
        return _let_go(desk, path, _refused(_NO_ANSWER))
    results = [{"subject": subject, **_result(what)} for subject, what in done]
    good = all(isinstance(what, Reported) for _, what in done)
    for subject, what in done:
        log.info("reported", subject=subject, meaning=what.meaning.value if isinstance(what, Reported) else what.rule)
    return _let_go(desk, path, Answer(LIDOS if good else RECUSADOS, {"results": results}))


def _let_go(desk: Desk, path: Path, answer: Answer) -> bool:
    """The answer first, then the document, by one rename; what was retained under its name is out of date."""
    target = desk.root / answer.folder / path.name
    if path.parent.parent.name == ENTRADA and answer.folder != RETIDOS:
        for old in (desk.root / RETIDOS / path.name, _sidecar(desk.root / RETIDOS / path.name)):
            old.unlink(missing_ok=True)
    _say(desk, target, answer)
    path.replace(target)
    with suppress(OSError):
        path.parent.rmdir()
    return True


def _say(desk: Desk, target: Path, answer: Answer) -> None:
    """Write the answer beside where the document is or will be, whole or not at all."""
    now = desk.owner.tools.clock()
    text = json.dumps({**answer.words, "at": _instant(now)}, ensure_ascii=False, indent=2)
    draft = desk.root / HELD / f"{desk.owner.tools.new_id(now)}.tmp"
    try:
        draft.write_text(f"{text}\n", "utf-8")
        if answer.until is not None:
            due = answer.until.timestamp()
            os.utime(draft, (due, due))
        draft.replace(_sidecar(target))
    finally:
        draft.unlink(missing_ok=True)


def _sidecar(path: Path) -> Path:
    return path.with_name(path.name + SIDECAR)


def _token_of(desk: Desk, name: str) -> str:
    """The token of the document that an answer belongs to by its name; "" where there is none."""
    for end in _OF_ANSWERS:
        stem = name.removesuffix(end)
        for other in _OF_DOCUMENTS if stem != name else ():
            content = content_of(_sidecar(desk.root / LIBERADOS / f"{stem}{other}"), MOST_SIDECAR_BYTES)
            if isinstance(content, bytes):
                with suppress(ValueError, AttributeError, RecursionError):
                    token = str(json.loads(content).get("token"))
                    return token if well_formed(token) else ""
    return ""


_UNREADABLE: Final = Fault("PASTA", "O arquivo não pôde ser lido.", "São aceitos XML de até 5 MB, sem compactar.")
_NO_ANSWER: Final = Fault(
    "PASTA", "Não é uma resposta da SEFAZ a uma nota, um evento ou uma inutilização.", "Grave o retorno como veio."
)


def _refused(fault: Fault) -> Answer:
    return Answer(RECUSADOS, _result(fault))


def _result(what: Reported | Fault) -> dict[str, Any]:
    if isinstance(what, Fault):
        return {"answer": "refused", "sentence": what.sentence, "remedy": what.remedy, "where": what.where}
    until = _instant(what.until) if what.until else None
    return {
        "meaning": what.meaning.value, "sentence": what.sentence, "spent": what.spent, "until": until,
        "because": what.because or None,
    }  # fmt: skip


def _retained(desk: Desk, judged: Judged) -> Answer:
    """Not now; a person may change that before its time."""
    soon = desk.owner.tools.clock() + LOOK_AGAIN
    return Answer(RETIDOS, _words(judged), min(judged.admission.said.until or soon, soon))


def _words(judged: Judged) -> dict[str, Any]:
    """The words of the API, and in the sentence the hour where the emitter is."""
    said = judged.admission.said
    until = f" Até {show(said.until, place.zone(judged.send.uf))}." if said.until else ""
    return {
        "answer": said.word.value, "sentence": f"{said.sentence}{until}",
        "until": _instant(said.until) if said.until else None, "spent": said.spent, "most": said.most,
        "stop": said.stop.value if said.stop else None, "because": said.because or None,
    }  # fmt: skip


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
