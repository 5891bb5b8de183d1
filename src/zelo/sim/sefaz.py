"""The simulated authority: state and one question, `answer`. Time comes with each question, chance from the seed.

One request at a time: whoever calls from several threads serialises. Everything that it remembers is a fold of its
journal, so an authority made from a journal goes on where that one stopped.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from zelo.sim import call as calls
from zelo.sim import soap
from zelo.sim.answer import Outcome
from zelo.sim.authority import AUTHORITIES
from zelo.sim.call import Call
from zelo.sim.certificate import Holder
from zelo.sim.certificate import read as read_certificate
from zelo.sim.config import Config, Pause, check_autorizador
from zelo.sim.consumption import Meter, Use
from zelo.sim.faults import Cut, OneShot, Trouble, chance, check_rates, draw, next_shot
from zelo.sim.journal import EVENTO, RECEPCAO, SITUACAO, STATUS, Entry, Journal
from zelo.sim.note import text
from zelo.sim.office import Office, authorise, decide, enter_event, nprot_prefix, speaking_for
from zelo.sim.reading import CountedBy, Punished, Reading, details, rules
from zelo.sim.register import Event, Registered
from zelo.sim.verdict import (
    AUTHORISED,
    CANCELADA,
    CONSUMO_INDEVIDO,
    EVENTO_REGISTRADO,
    PAUSES,
    SUBSTITUIDA,
    verdict,
)

FIRST_DAY: Final = date(2025, 11, 1)
"""NFCom is obligatory since that day; the tables of addresses begin with it, and so does the simulator's time."""

_MS_PER_SECOND: Final = 1000


@dataclass(frozen=True, slots=True)
class Request:
    """What reaches the authority. `certificate_der` is the transmitter's, None where the connection had none."""

    autorizador: str
    servico: str
    body: bytes
    certificate_der: bytes | None
    ip: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What leaves it. `body` is what arrives: half of the answer when `cut` is TRUNCATED, nothing when BEFORE."""

    status: int
    body: bytes
    delay_seconds: float
    cut: Cut


@dataclass(frozen=True, slots=True)
class _Done:
    """A request that was attended to: what to say, the cStat judged ("" if nothing was), the protocol that it made."""

    outcome: Outcome
    judged: str = ""
    nprot: str = ""


class Sefaz:
    """All authorizers of NFCom at once, in homologação."""

    def __init__(self, config: Config, journal: Journal | None = None) -> None:
        """A new authority, or one that remembers what `journal` tells."""
        self.config = config
        self.journal = Journal()
        self._offices = {name: Office(name, pause=config.paused.get(name)) for name in AUTHORITIES}
        self._seen: Counter[tuple[str, str, str]] = Counter()
        self._shots: tuple[OneShot, ...] = ()
        self._rates: Mapping[str, int] = dict(config.rates)
        self._reading = config.reading
        for entry in journal.entries if journal else ():
            self._remember(entry)

    def answer(self, request: Request, now: datetime) -> Reply:
        """Answer one request. Raises ValueError for a naive `now` or one before FIRST_DAY, and for nothing else."""
        if now.tzinfo is None or now.date() < FIRST_DAY:
            raise ValueError(f"the simulator's clock is aware and starts on {FIRST_DAY}, not at {now}")
        call = calls.read(request.autorizador, request.servico, request.body, now.date())
        holder = read_certificate(request.certificate_der or b"", self.config.trusted)
        entry = self._open(request, call, holder, now)
        if isinstance(call, soap.NotSoap):
            self.journal.add(replace(entry, delivered=True))
            return Reply(call.status, soap.fault(call), 0, Cut.NONE)
        trouble = self._trouble(entry)
        attended = trouble is None or trouble.processed or trouble.cstat != ""
        done = self._attend(entry, call, holder, trouble.cstat if trouble else "") if attended else None
        self.journal.add(_close(entry, done, trouble))
        return self._reply(entry, call, done, trouble)

    def pause(self, autorizador: str, pause: Pause) -> None:
        """From now on the authorizer answers as the pause says. Raises ValueError for an unknown one."""
        check_autorizador(autorizador)
        self._offices[autorizador].pause = pause

    def resume(self, autorizador: str) -> None:
        """End a pause, if there is one. Raises ValueError for an unknown authorizer."""
        check_autorizador(autorizador)
        self._offices[autorizador].pause = None

    def set_rates(self, rates: Mapping[str, int]) -> None:
        """Draw troubles at these rates from now on. Raises ValueError for rates that cannot be."""
        check_rates(rates)
        self._rates = dict(rates)

    def order(self, shot: OneShot) -> None:
        """Let a trouble befall the next requests that it is meant for. Raises ValueError for an unknown one."""
        check_rates({shot.trouble: 0})
        if shot.times < 1:
            raise ValueError("Uma falha encomendada acontece ao menos uma vez.")
        self._shots = (*self._shots, shot)

    def read_as(self, reading: Reading) -> None:
        """Apply another reading of consumo indevido, to what the journal holds too."""
        self._reading = reading
        for office in self._offices.values():
            office.meter = Meter()
        for entry in self.journal.entries:
            self._replay_use(entry)

    def set_standing(self, chave: str, cstat: str, now: datetime) -> None:
        """A note becomes cancelled (101) or substituted (102). Raises ValueError, in pt-BR, when it cannot."""
        if cstat not in {CANCELADA, SUBSTITUIDA}:
            raise ValueError(f"Uma nota passa a 101 ou 102, não a {cstat}.")
        holders = [office for office in self._offices.values() if chave in office.register.by_chave]
        if not holders or not holders[0].register.by_chave[chave].stands:
            raise ValueError(f"Não há nota autorizada com a chave {chave}.")
        office = holders[0]
        nprot = office.register.next_nprot(nprot_prefix(office.name, chave, now))
        office.register.change(chave, cstat, now, nprot)
        change = Entry(
            seq=len(self.journal.entries), at=now, autorizador=office.name, servico=SITUACAO, chave=chave, cstat=cstat
        )
        self.journal.add(replace(change, nprot=nprot, processed=True, delivered=True))

    def paused(self, now: datetime) -> dict[str, str]:
        """Authorizer → the code that it answers to everything, for those in a pause."""
        pauses = {name: office.pause for name, office in self._offices.items()}
        return {name: pause.cstat for name, pause in pauses.items() if pause and pause.holds(now)}

    @property
    def rates(self) -> Mapping[str, int]:
        """The rates in force, in per mille."""
        return dict(self._rates)

    @property
    def reading(self) -> Reading:
        """The reading of consumo indevido in force."""
        return self._reading

    def _open(self, request: Request, call: Call | soap.NotSoap, holder: Holder | None, now: datetime) -> Entry:
        """The entry of a request as far as it is known before anything is decided."""
        entry = Entry(
            seq=len(self.journal.entries),
            at=now,
            autorizador=request.autorizador,
            servico=request.servico,
            transmitter=holder.cnpj if holder else "",
            ip=request.ip,
        )
        if isinstance(call, soap.NotSoap):
            return entry
        return replace(
            entry,
            chave=call.chave,
            natural_key=call.natural_key,
            digest=call.note.digest if call.note else "",
            sha256=call.sha256,
            emitter=call.emitter,
            emitted=text(call.note.ide, "dhEmi") if call.note else "",
            fin=text(call.note.ide, "finNFCom") if call.note else "",
            event=call.event,
            content=call.document.decode() if call.event else "",
        )

    def _trouble(self, entry: Entry) -> Trouble | None:
        """What befalls a request: an ordered trouble first, else the draw. Counts the request as seen."""
        self._seen[_matter(entry)] += 1
        ordered, self._shots = next_shot(self._shots, entry.chave)
        matter = _matter(entry)
        return ordered or draw(self._rates, self.config.seed, *matter, self._seen[matter])

    def _attend(self, entry: Entry, call: Call, holder: Holder | None, forced: str) -> _Done:
        """Pause, block, judgement (or the code that a trouble forces), count, authorisation: in this order."""
        office, now = self._offices[entry.autorizador], entry.at
        cuf = speaking_for(call, office.name, now.date())
        if office.pause is not None and office.pause.holds(now):
            return _Done(Outcome(verdict(office.pause.cstat), cuf, returns_at=office.pause.until))
        if forced in PAUSES:
            return _Done(Outcome(verdict(forced), cuf))
        rule = rules(self._reading, office.name, now.date())[entry.servico]
        use = _use(entry, self._reading)
        block = office.meter.standing(use, rule, now)
        judged = ""
        if block is None:
            outcome = Outcome(verdict(forced), cuf) if forced else decide(call, office, holder, self.config, now)
            judged = outcome.verdict.cstat
            block = office.meter.record(use, _rejection(judged), rule, now)
            if block is None:
                return self._conclude(office, call, outcome, now)
        return _Done(Outcome(verdict(CONSUMO_INDEVIDO, details(entry.servico, block, rule)), cuf), judged)

    def _conclude(self, office: Office, call: Call, outcome: Outcome, now: datetime) -> _Done:
        judged = outcome.verdict.cstat
        if judged == EVENTO_REGISTRADO:
            event = enter_event(call, office, now)
            return _Done(replace(outcome, events=(event,)), judged, event.nprot)
        if call.note is None or judged not in AUTHORISED:
            return _Done(outcome, judged)
        note = authorise(call.note, office, judged, now)
        return _Done(replace(outcome, note=note), judged, note.nprot)

    def _reply(self, entry: Entry, call: Call, done: _Done | None, trouble: Trouble | None) -> Reply:
        least, most = self.config.latency_ms
        matter = _matter(entry)
        delay_ms = least + chance(self.config.seed, "latency", *matter, self._seen[matter], among=most - least + 1)
        body = b""
        if done is not None:
            answer = call.service.write(done.outcome, entry.autorizador, entry.at)
            style = self.config.styles.get(entry.autorizador, AUTHORITIES[entry.autorizador].style)
            body = soap.wrap(answer, soap=call.soap, servico=entry.servico, style=style)
        if trouble is None:
            return Reply(200, body, delay_ms / _MS_PER_SECOND, Cut.NONE)
        if trouble.body is not None:
            body = trouble.body
        arriving = {Cut.NONE: len(body), Cut.BEFORE: 0, Cut.TRUNCATED: len(body) // 2}[trouble.cut]
        delay_ms += self.config.slow_ms if trouble.slow else 0
        return Reply(trouble.status, body[:arriving], delay_ms / _MS_PER_SECOND, trouble.cut)

    def _remember(self, entry: Entry) -> None:
        """Take over an entry of an earlier life."""
        self.journal.add(entry)
        office = self._offices.get(entry.autorizador)
        if office is None:
            return
        if entry.servico == SITUACAO:
            office.register.change(entry.chave, entry.cstat, entry.at, entry.nprot)
        elif entry.servico == EVENTO and entry.nprot:
            event = Event(entry.event, entry.content, entry.nprot, entry.at, entry.judged)
            office.register.add_event(entry.chave, event)
            office.register.change(entry.chave, CANCELADA, entry.at, entry.nprot)
        elif entry.nprot:
            office.register.add(
                Registered(
                    chave=entry.chave,
                    natural_key=entry.natural_key,
                    digest=entry.digest,
                    nprot=entry.nprot,
                    at=entry.at,
                    authorised_as=entry.judged,
                    cstat=entry.judged,
                    emitted=entry.emitted,
                    fin=entry.fin,
                )
            )
        if entry.sha256:
            self._seen[_matter(entry)] += 1
        self._replay_use(entry)

    def _replay_use(self, entry: Entry) -> None:
        """Count an entry again as the reading in force counts."""
        if not entry.cstat or entry.cstat in PAUSES or entry.servico == SITUACAO:
            return
        rule = rules(self._reading, entry.autorizador, entry.at.date())[entry.servico]
        meter, use = self._offices[entry.autorizador].meter, _use(entry, self._reading)
        if meter.standing(use, rule, entry.at) is None and entry.judged:
            meter.record(use, _rejection(entry.judged), rule, entry.at)


def _matter(entry: Entry) -> tuple[str, str, str]:
    """What a draw depends on: where, which service, which note or document."""
    return entry.autorizador, entry.servico, entry.chave or entry.sha256


def _rejection(judged: str) -> str:
    return "" if judged in AUTHORISED or judged == EVENTO_REGISTRADO else judged


def _use(entry: Entry, reading: Reading) -> Use:
    """Whom a request is charged to and what it is counted by, under a reading."""
    connection = f"{entry.transmitter}|{entry.ip}"
    identity = (entry.emitter or connection) if reading.punished is Punished.EMITTER else connection
    if entry.servico == STATUS:
        key = identity
    elif entry.servico == EVENTO:
        key = entry.event or entry.sha256
        return Use(entry.servico, identity, key, entry.event)
    elif entry.servico == RECEPCAO and reading.counted_by is CountedBy.NATURAL_KEY:
        key = entry.natural_key or entry.sha256
    else:
        key = entry.chave or entry.sha256
    return Use(entry.servico, identity, key, entry.chave)


def _close(entry: Entry, done: _Done | None, trouble: Trouble | None) -> Entry:
    """The entry with what was decided."""
    took_effect = (
        done is not None and (trouble is None or trouble.processed) and done.judged == done.outcome.verdict.cstat
    )
    whole = trouble is None or (trouble.cut is Cut.NONE and trouble.body is None)
    return replace(
        entry,
        trouble=trouble.name if trouble else "",
        judged=done.judged if done else "",
        cstat=done.outcome.verdict.cstat if done else "",
        nprot=done.nprot if done else "",
        content=entry.content if done and done.nprot else "",
        processed=took_effect,
        delivered=whole,
    )
