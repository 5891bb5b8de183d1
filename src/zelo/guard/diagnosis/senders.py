"""Programs and certificates that sent for an emitter, and what is strange about them."""

from itertools import pairwise

from zelo.fiscal.cnpj import base
from zelo.guard.diagnosis.evidence import Certificate
from zelo.guard.diagnosis.gather import Gathered, Span
from zelo.guard.diagnosis.report import MOST_ROWS, Doubt, Seen, Warned
from zelo.guard.diagnosis.shown import shown


def seen_programs(found: Gathered) -> tuple[Seen, ...]:
    """Every verProc by emitter, the busiest first."""
    rows = [_seen(emitter, name, "", span) for (emitter, name), span in found.programs.items()]
    return tuple(sorted(rows, key=lambda row: (row.emitter, -row.notes, row.name))[:MOST_ROWS])


def seen_certificates(found: Gathered) -> tuple[Seen, ...]:
    """Every certificate by emitter, the busiest first."""
    rows = [_seen(emitter, _name(one), one.cnpj, span) for (emitter, one), span in found.certificates.items()]
    return tuple(sorted(rows, key=lambda row: (row.emitter, -row.notes, row.name))[:MOST_ROWS])


def doubts(found: Gathered) -> tuple[Doubt, ...]:
    """Two programs, two certificates, or a certificate of another company for one emitter."""
    rows: list[Doubt] = []
    programs = _by_emitter(found.programs)
    certificates = _by_emitter({(emitter, _name(one)): span for (emitter, one), span in found.certificates.items()})
    for kind, many in ((Warned.PROGRAMS, programs), (Warned.CERTIFICATES, certificates)):
        for emitter, spans in sorted(many.items()):
            if len(spans) > 1:
                rows.append(Doubt(kind, shown(emitter), tuple(sorted(spans)), _at_once(list(spans.values()))))
    foreign: dict[str, set[str]] = {}
    for emitter, one in found.certificates:
        if one.cnpj and base(one.cnpj) != base(emitter):
            foreign.setdefault(emitter, set()).add(_name(one))
    rows += [
        Doubt(Warned.FOREIGN_CERTIFICATE, shown(emitter), tuple(sorted(names)), at_once=False)
        for emitter, names in sorted(foreign.items())
    ]
    return tuple(rows[:MOST_ROWS])


def _by_emitter(many: dict[tuple[str, str], Span]) -> dict[str, dict[str, Span]]:
    found: dict[str, dict[str, Span]] = {}
    for (emitter, name), span in many.items():
        found.setdefault(emitter, {})[name] = span
    return found


def _at_once(spans: list[Span]) -> bool:
    """Whether two of them overlap: neither was over when the other began."""
    dated = sorted((span.first, span.last) for span in spans if span.first is not None and span.last is not None)
    return any(later[0] < sooner[1] for sooner, later in pairwise(dated))


def _seen(emitter: str, name: str, cnpj: str, span: Span) -> Seen:
    return Seen(shown(emitter), shown(name), cnpj, span.notes, span.first, span.last)


def _name(certificate: Certificate) -> str:
    """Subject and serial: a renewed certificate has the same subject."""
    return f"{certificate.subject} (nº {certificate.serial[:_SERIAL_CHARS]})"


_SERIAL_CHARS = 12
