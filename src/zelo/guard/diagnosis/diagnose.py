"""From all that was read to who did it: pure, the same findings in any order say the same.

Each 656/678 is charged to whom its xMotivo names (`guard/xmotivo`), and where it names nobody to whatever had the most
equal rejections before it in that service of that emitter. Limits are an argument; the official ones are the default.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from zelo.fiscal.instant import EPOCH
from zelo.guard.diagnosis.evidence import NFCOM, Finding, Key, Service, Trouble, consulted, number_of
from zelo.guard.diagnosis.gather import COUNTED_EQUAL, Gathered, Group, Told, gather, grouped
from zelo.guard.diagnosis.limits import BLOCK, STATUS_PAUSE, Limit, LimitOf, official
from zelo.guard.diagnosis.report import (
    MOST_FILES,
    MOST_ROWS,
    Block,
    Code,
    Culprit,
    Day,
    Duplicates,
    Files,
    Grade,
    Report,
    Sender,
    Standing,
    StatusLoop,
    Subject,
)
from zelo.guard.diagnosis.senders import doubts, seen_certificates, seen_programs
from zelo.guard.diagnosis.shown import shown
from zelo.guard.xmotivo import culprit

LEAST_EQUAL: Final = 2
"""Equal rejections that begin to be evidence."""
LEAST_TOO_SOON: Final = 3
"""Looks at the status that came too soon: fewer are a person's clicks."""
MOST_DAYS: Final = 366
MOST_CODES: Final = 50
SAME_CHAVE: Final = "204"
OTHER_CHAVE: Final = "539"
_EVENT: Final = re.compile(r"(?<![0-9A-Z])(?:ID)?([0-9]{12}[A-Z0-9]{12}[0-9]{26}[0-9]{2,3})(?![0-9A-Z])")
_INUTILIZACAO: Final = re.compile(r"Inutiliza[cç][aã]o:? ?(?:ID)?([0-9]{4}[A-Z0-9]{12}[0-9]{25})", re.IGNORECASE)
_RECEIPT: Final = re.compile(r"recibo:? ?([0-9]{15})", re.IGNORECASE)
_LONG_AGO: Final = date(2018, 5, 16)
"""NT 2018.002 in production: for limits of what carries no date at all."""


@dataclass(slots=True)
class _Episode:
    """A block while it lasts: `named` is whom the authorizer blames, `counted` how often it says; `since` is when the
    block before it ended, of which nothing older needs to be the cause.
    """

    told: list[Told]
    emitter: str
    named: Key | None = None
    counted: int | None = None
    culprit: Key | None = None
    since: datetime = EPOCH


@dataclass(slots=True)
class _Case:
    """Everything against one culprit."""

    key: Key
    episodes: list[_Episode] = field(default_factory=list)


def diagnose(findings: Iterable[Finding | Trouble | None], limit_of: LimitOf = official) -> Report:
    """The report of these files; None stands for a file that is no XML, Trouble for one that was not read."""
    found = gather(findings)
    groups = grouped(found.told)
    judge = _Judge(found, groups, limit_of)
    episodes = _episodes(found)
    for episode in episodes:
        episode.culprit = episode.named or judge.deduced(episode)
    cases = judge.cases(episodes)
    guilty = {case.key for case in cases}
    nearest = judge.nearest(guilty)
    rejected = [told for told in found.told if told.answer.is_rejection]
    dated = [told.answer.at for told in found.told if told.answer.at is not None]
    return Report(
        files=_files(found),
        answers=len(found.told),
        copies=found.copies,
        rejections=len(rejected),
        blocked=sum(len(episode.told) for episode in episodes),
        first=min(dated, default=None),
        last=max(dated, default=None),
        culprits=tuple(judge.culprit(case) for case in cases[:MOST_ROWS]),
        blocks=tuple(_block(episode, [case.key for case in cases[:MOST_ROWS]]) for episode in episodes[:MOST_ROWS]),
        blocks_in_all=len(episodes),
        nearest=tuple(nearest[:MOST_ROWS]),
        nearest_in_all=len(nearest),
        consultas=tuple(judge.over(Service.CONSULTA)[:MOST_ROWS]),
        receipts=tuple(judge.over(Service.RECIBO)[:MOST_ROWS]),
        status_loops=tuple(judge.status_loops()[:MOST_ROWS]),
        duplicates=_duplicates(rejected),
        codes=tuple(_codes(rejected)),
        programs=seen_programs(found),
        certificates=seen_certificates(found),
        warnings=doubts(found),
        days=tuple(_days(rejected, episodes)),
    )


def most_within(told: Sequence[Told], within: timedelta) -> int:
    """The most dated answers in any span that long."""
    instants = [one.answer.at for one in told if one.answer.at is not None]
    most = start = 0
    for end, at in enumerate(instants):
        while at - instants[start] >= within:
            start += 1
        most = max(most, end - start + 1)
    return most


@dataclass(frozen=True, slots=True)
class _Judge:
    """Weighs groups against limits."""

    found: Gathered
    groups: Sequence[Group]
    limit_of: LimitOf

    def limit(self, key: Key, last: datetime | None) -> Limit:
        """What the authorizer of the key tolerates."""
        chave = next(iter(self.found.chaves.get(key, ())), "")
        cuf = chave[:2] or (key.ident[2:4] if key.service is Service.INUTILIZACAO else key.ident[:2])
        return self.limit_of(key, cuf, last.date() if last else _LONG_AGO)

    def standing(self, key: Key, group: Group | None, told: Sequence[Told]) -> Standing:
        """Some answers of a group, or of no group, against the limit."""
        dated = [one.answer.at for one in told if one.answer.at is not None]
        limit = self.limit(key, dated[-1] if dated else None)
        count = len(told) if limit.within is None else most_within(told, limit.within)
        if limit.within is not None and not dated:
            count = max(len(told), self.found.asked[key])
        chaves = self.found.chaves.get(key, ())
        return Standing(
            Subject(
                key.service, key.modelo, key.ambiente, shown(key.emitter), key.serie, key.number, shown(key.ident),
                tuple(map(shown, chaves)),
            ),
            group.cstat if group else "",
            shown(told[-1].answer.motivo) if told else "",
            count,
            limit.most,
            None if limit.within is None else int(limit.within.total_seconds()),
            limit.source,
            dated[0] if dated else None,
            dated[-1] if dated else None,
            self.sender(key),
            _names(told),
        )  # fmt: skip

    def sender(self, key: Key) -> Sender:
        """Programs, certificates and addresses."""
        origins = self.found.origins_of(key)
        certificates = {certificate.subject for _, certificate, _ in origins if certificate is not None}
        return Sender(
            tuple(sorted({program for program, _, _ in origins if program})),
            tuple(sorted(certificates)),
            tuple(sorted({ip for _, _, ip in origins if ip})),
        )

    def deduced(self, episode: _Episode) -> Key | None:
        """Whatever came most often before the block began; of equals, what came last.

        What was not sent again after the block before cannot have caused this one, where anything else was.
        """
        first, best = episode.told[0], None
        most: tuple[bool, int, datetime] | None = None
        for group in self.groups:
            if not _concerns(group.key, first.answer.key, episode.emitter):
                continue
            before = self._before(group, first)
            if len(before) < LEAST_EQUAL:
                continue
            weight = (before[-1].order > episode.since, len(before), before[-1].order)
            if most is None or weight > most:
                best, most = group.key, weight
        return best

    def _before(self, group: Group, block: Told) -> Sequence[Told]:
        """What counted when the block began."""
        end = bisect_left(group.told, block.place, key=lambda one: one.place)
        if group.key.service in COUNTED_EQUAL:
            return group.told[:end]
        within = self.limit(group.key, None).within or timedelta()
        return [one for one in group.told[:end] if one.order > block.order - within]

    def cases(self, episodes: Iterable[_Episode]) -> list[_Case]:
        """By culprit, the one whose blocks refused most first."""
        cases: dict[Key, _Case] = {}
        for episode in episodes:
            if episode.culprit is not None:
                cases.setdefault(episode.culprit, _Case(episode.culprit)).episodes.append(episode)
        return sorted(cases.values(), key=lambda case: (-sum(len(one.told) for one in case.episodes), case.key.number))

    def culprit(self, case: _Case) -> Culprit:
        """Everything that speaks against it."""
        told = [one for episode in case.episodes for one in episode.told]
        dated = [one.answer.at for one in told if one.answer.at is not None]
        counted = [episode.counted for episode in case.episodes if episode.counted is not None]
        mine = [group for group in self.groups if group.key == case.key]
        worst = max(mine, key=lambda group: len(group.told), default=None)
        return Culprit(
            self.standing(case.key, worst, worst.told if worst else ()),
            Grade.NAMED if any(episode.named for episode in case.episodes) else Grade.DEDUCED,
            len(case.episodes),
            len(told),
            max(counted, default=None),
            told[0].answer.cstat,
            min(dated, default=None),
            max(dated, default=None),
            _names(told),
        )

    def nearest(self, guilty: set[Key]) -> list[Standing]:
        """Whoever has repeated itself without a block so far, the nearest to its limit first."""
        best: dict[Key, Group] = {}
        for group in self.groups:
            counts = group.key.service in COUNTED_EQUAL and group.key not in guilty
            if counts and len(group.told) >= LEAST_EQUAL and len(group.told) > len(best.get(group.key, _NONE).told):
                best[group.key] = group
        found = [self.standing(key, group, group.told) for key, group in best.items()]
        return sorted(found, key=lambda one: (-one.count / one.limit, one.subject.emitter, one.subject.number))

    def over(self, service: Service) -> list[Standing]:
        """Chaves or receipts that were asked for more often than the limit in its span."""
        told = {group.key: group for group in self.groups if group.key.service is service}
        asked = {key for key in self.found.asked if key.service is service and key.known}
        found = [
            self.standing(key, told.get(key), told[key].told if key in told else ()) for key in sorted(
                {*told, *asked}, key=lambda key: (key.emitter, key.ident)
            )
        ]  # fmt: skip
        return sorted((one for one in found if one.count > one.limit), key=lambda one: -one.count)

    def status_loops(self) -> list[StatusLoop]:
        """UFs whose status was asked for without the pause."""
        found = []
        for group in self.groups:
            if group.key.service is not Service.STATUS:
                continue
            instants = [one.answer.at for one in group.told if one.answer.at is not None]
            pairs = pairwise(instants)
            too_soon = sum(later - sooner < STATUS_PAUSE for sooner, later in pairs)
            limit = self.limit(group.key, instants[-1] if instants else None)
            most = most_within(group.told, limit.within) if limit.within else len(group.told)
            if too_soon >= LEAST_TOO_SOON or most > limit.most:
                first, last = (instants[0], instants[-1]) if instants else (None, None)
                found.append(
                    StatusLoop(
                        group.key.ident, group.key.modelo, len(group.told), too_soon, most, limit.most, first, last,
                        _names(group.told),
                    )
                )  # fmt: skip
        return sorted(found, key=lambda loop: -loop.too_soon)


_NONE: Final = Group(Key(Service.AUTORIZACAO, ""), "")


def _concerns(key: Key, block: Key, emitter: str) -> bool:
    """Whether a block may come of that key: same service, and the same model, environment and emitter where known."""
    return (
        key.service is block.service
        and (key.modelo == NFCOM) == (block.modelo == NFCOM)
        and (not emitter or not key.emitter or key.emitter == emitter)
        and (not block.ambiente or not key.ambiente or key.ambiente == block.ambiente)
        and (key.service is not Service.DISTRIBUICAO or key.ident == block.ident)
    )


def _named(told: Told, chaves: Iterable[Key]) -> tuple[Key | None, int | None]:
    """Whom the xMotivo blames and how often it counted."""
    answer = told.answer
    key, blamed = answer.key, culprit(answer.motivo)
    if key.service is Service.EVENTO and (event := _EVENT.search(answer.motivo)):
        chave = event.group(1)[6:50]
        ident = f"ID{event.group(1)}"
        return Key(Service.EVENTO, chave[20:22], key.ambiente, chave[6:20], ident=ident), blamed.count
    if key.service is Service.INUTILIZACAO and (request := _INUTILIZACAO.search(answer.motivo)):
        body = request.group(1)
        return Key(key.service, body[18:20], key.ambiente, body[4:18], ident=f"ID{body}"), blamed.count
    if receipt := _RECEIPT.search(answer.motivo):
        return Key(Service.RECIBO, key.modelo, key.ambiente, ident=receipt.group(1)), blamed.count
    if blamed.chave is None:
        return None, blamed.count
    if key.service is Service.CONSULTA:
        return consulted(blamed.chave, key.modelo, key.ambiente), blamed.count
    if key.service is Service.EVENTO:
        of_note = [each for each in chaves if each.service is Service.EVENTO and blamed.chave in each.ident]
        return (of_note[0] if of_note else None), blamed.count
    return number_of(blamed.chave, key.ambiente), blamed.count


def _episodes(found: Gathered) -> list[_Episode]:
    """Blocks in order: another one begins when the hour is over, or when another subject is blamed."""
    running: dict[tuple[Service, bool, str, str], _Episode] = {}
    episodes: list[_Episode] = []
    blocks = [(told, *_named(told, found.chaves)) for told in found.told if told.answer.is_block]
    for told, named, _ in blocks:
        found.learn(named, told.name)
    for told, named, counted in blocks:
        key = told.answer.key
        emitter = key.emitter or (named.emitter if named else "") or found.emitter_of(told.name)
        place = (key.service, key.modelo == NFCOM, key.ambiente, emitter)
        now = running.get(place)
        over = now is not None and told.order - now.told[0].order > BLOCK
        other = now is not None and named is not None and now.named not in (None, named)
        if now is None or over or other:
            since = now.told[-1].order if now else EPOCH
            now = running[place] = _Episode([], emitter, since=since)
            episodes.append(now)
        now.told.append(told)
        now.named = now.named or named
        now.counted = max(filter(None, (now.counted, counted)), default=None)
    return episodes


def _block(episode: _Episode, culprits: Sequence[Key]) -> Block:
    first = episode.told[0].answer
    dated = [one.answer.at for one in episode.told if one.answer.at is not None]
    grade = Grade.NAMED if episode.named else Grade.DEDUCED if episode.culprit else Grade.UNKNOWN
    return Block(
        first.key.service, first.key.modelo, first.key.ambiente, shown(episode.emitter), first.cstat,
        shown(first.motivo), len(episode.told), min(dated, default=None), max(dated, default=None),
        culprits.index(episode.culprit) if episode.culprit in culprits else None, grade, _names(episode.told),
    )  # fmt: skip


def _files(found: Gathered) -> Files:
    trouble = found.trouble
    no_xml = found.looked_at - found.useful - found.other_xml - trouble.total()
    return Files(
        found.looked_at, found.useful, found.other_xml, no_xml, trouble[Trouble.TOO_LARGE],
        trouble[Trouble.UNREADABLE], trouble[Trouble.NESTED],
    )  # fmt: skip


def _duplicates(rejected: Iterable[Told]) -> Duplicates:
    found = [
        one.answer
        for one in rejected
        if one.answer.key.service is Service.AUTORIZACAO and one.answer.cstat in (SAME_CHAVE, OTHER_CHAVE)
    ]
    same = sum(answer.cstat == SAME_CHAVE for answer in found)
    return Duplicates(same, len(found) - same, len({answer.key for answer in found}))


def _codes(rejected: Iterable[Told]) -> list[Code]:
    count: Counter[tuple[str, Service, str]] = Counter()
    subjects: dict[tuple[str, Service, str], set[Key]] = {}
    motivos: dict[tuple[str, Service, str], str] = {}
    for one in rejected:
        answer = one.answer
        place = (answer.key.modelo, answer.key.service, answer.cstat)
        count[place] += 1
        subjects.setdefault(place, set()).add(answer.key)
        motivos.setdefault(place, shown(answer.motivo.partition("[")[0].strip()))
    return [Code(*place, motivos[place], times, len(subjects[place])) for place, times in count.most_common(MOST_CODES)]


def _days(rejected: Iterable[Told], episodes: Iterable[_Episode]) -> list[Day]:
    """Days of answers that say when they came; the last year of them."""
    rejections = Counter(one.answer.at.date() for one in rejected if one.answer.at is not None)
    blocked = Counter(one.answer.at.date() for episode in episodes for one in episode.told if one.answer.at is not None)
    days = sorted({*rejections, *blocked})[-MOST_DAYS:]
    return [Day(day, rejections[day], blocked[day]) for day in days]


def _names(told: Iterable[Told]) -> tuple[str, ...]:
    """Files that prove it, the first ones."""
    return tuple(shown(name) for name in list(dict.fromkeys(one.name for one in told))[:MOST_FILES])
