"""The report in sentences, pt-BR, each with its remedy: what terminal, page and JSON say alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from zelo.fiscal import cnpj
from zelo.guard.diagnosis.diagnose import OTHER_CHAVE, SAME_CHAVE
from zelo.guard.diagnosis.evidence import NFCE, NFCOM, Service
from zelo.guard.diagnosis.limits import BLOCKS_UNTIL_PERMANENT
from zelo.guard.diagnosis.report import Block, Culprit, Doubt, Grade, Report, Standing, StatusLoop, Subject, Warned

SERVICES: Final = {
    Service.AUTORIZACAO: "autorização",
    Service.EVENTO: "evento",
    Service.INUTILIZACAO: "inutilização",
    Service.CONSULTA: "consulta da chave",
    Service.RECIBO: "consulta do recibo",
    Service.STATUS: "status do serviço",
    Service.DISTRIBUICAO: "distribuição de DF-e",
}
MODELS: Final = {"55": "NF-e", NFCE: "NFC-e", NFCOM: "NFCom"}
GRADES: Final = {
    Grade.NAMED: "apontada pela própria SEFAZ",
    Grade.DEDUCED: "deduzida das respostas",
    Grade.UNKNOWN: "não dá para dizer",
}
_REMEDIES: Final = {
    SAME_CHAVE: (
        "A nota já está na SEFAZ: o programa reenviou sem saber o resultado. Consulte a chave e guarde o protocolo."
    ),
    OTHER_CHAVE: (
        "O número já está na SEFAZ com outra chave: o programa gerou chave nova depois de um envio sem resposta. "
        "Consulte a chave que a SEFAZ mostra e não reenvie este número."
    ),
}
_OF_SERVICE: Final = {
    Service.AUTORIZACAO: "Corrija o que a recusa {cstat} aponta antes de enviar de novo: igual, será recusada igual.",
    Service.EVENTO: "Corrija o evento, ou consulte a nota: ele pode já estar registrado. Não repita o mesmo envio.",
    Service.INUTILIZACAO: "Consulte os números da faixa: podem já estar usados ou inutilizados. Não repita o pedido.",
    Service.CONSULTA: "Consulte uma chave poucas vezes, com pausas crescentes, e guarde o que a SEFAZ respondeu.",
    Service.RECIBO: "Espere 15 segundos antes da primeira consulta do recibo e aumente a pausa a cada uma.",
    Service.STATUS: "Deixe três minutos ou mais entre duas consultas do status, e só consulte quando um envio falhar.",
    Service.DISTRIBUICAO: (
        "Depois de um 137, ou com o último NSU em dia, espere uma hora; use sempre o ultNSU devolvido. "
        "Consultar durante o bloqueio recomeça a hora."
    ),
}
UNSEEN: Final = "o XML enviado não está nestes arquivos"
_ELSEWHERE: Final = (
    "Nestes arquivos não há recusas dela: outro programa ou outra máquina a envia, ou as respostas não foram guardadas."
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is the case, and what to do."""

    text: str
    remedy: str = ""


def whole(value: int) -> str:
    """12.345."""
    return f"{value:,}".replace(",", ".")


def moment(at: datetime | None) -> str:
    """21/11/2026 14:32:05 as the authorizer dated it, or that it did not."""
    return f"{at:%d/%m/%Y %H:%M:%S}" if at is not None else "sem horário"


def times(count: int) -> str:
    """1 vez, 2 vezes."""
    return "1 vez" if count == 1 else f"{whole(count)} vezes"


def name(subject: Subject) -> str:
    """What people call it."""
    model = MODELS.get(subject.modelo, f"modelo {subject.modelo}")
    match subject.service:
        case Service.AUTORIZACAO:
            return f"{model} {whole(subject.number)}, série {subject.serie}"
        case Service.EVENTO:
            return f"Evento {subject.ident[2:8]} da {_note(model, subject.ident[8:52])}"
        case Service.INUTILIZACAO:
            return f"Inutilização {subject.ident}"
        case Service.CONSULTA:
            return f"Consulta da {_note(model, subject.ident)}"
        case Service.RECIBO:
            return f"Recibo {subject.ident}"
        case Service.STATUS:
            return f"Status do serviço da {model} (UF {subject.ident})"
        case Service.DISTRIBUICAO:
            return "Distribuição de DF-e"


def _note(model: str, chave: str) -> str:
    """By série and number, which nobody stars."""
    return f"{model} {whole(int(chave[25:34] or 0))}, série {int(chave[22:25] or 0)}"


def detail(subject: Subject) -> str:
    """What the name leaves out: an Id or a chave."""
    whole_name = subject.service in (Service.AUTORIZACAO, Service.STATUS, Service.DISTRIBUICAO)
    return "" if whole_name or subject.ident in name(subject) else subject.ident


def about(subject: Subject) -> str:
    """Emitter and environment, where they are known."""
    emitter = f"emitente {cnpj.show(subject.emitter)}" if subject.emitter else ""
    return ", ".join(filter(None, (emitter, "homologação" if subject.ambiente == "2" else "")))


def span(first: datetime | None, last: datetime | None) -> str:
    """From when to when."""
    if first is None or first == last:
        return moment(first)
    end = f"{last:%H:%M:%S}" if last is not None and last.date() == first.date() else moment(last)
    return f"{moment(first)} a {end}"


def headline(report: Report) -> Sentence:
    """The one thing to say first."""
    if report.culprits:
        worst = report.culprits[0]
        return Sentence(f"Foi: {name(worst.standing.subject)}.", remedy(worst.standing))
    if report.blocked:
        return Sentence(
            f"Houve bloqueio ({times(report.blocked)} 656/678), mas estes arquivos não mostram a causa.",
            "Junte os retornos dos dias anteriores, de todas as máquinas e programas com este CNPJ ou certificado.",
        )
    if report.nearest and report.nearest[0].count >= report.nearest[0].limit:
        near = report.nearest[0]
        return Sentence(f"Ainda sem bloqueio, mas {name(near.subject)} já chegou ao limite.", remedy(near))
    if report.rejections:
        return Sentence("Nenhum bloqueio nestes arquivos.", "Veja abaixo o que mais se repete, antes que aconteça.")
    if report.answers:
        return Sentence("Nenhum bloqueio e nenhuma recusa nestes arquivos.")
    return Sentence(
        "Nenhum retorno da SEFAZ nestes arquivos.",
        "Inclua os XML de retorno (retEnviNFe, retConsReciNFe, retNFCom, protNFe…), e não só as notas.",
    )


def others(report: Report) -> str:
    """That the first one is not alone."""
    count = len(report.culprits) - 1
    return f"E mais {_many(count, 'causador', 'causadores')}, abaixo." if count > 0 else ""


def remedy(standing: Standing) -> str:
    """What to do about the answers of a subject."""
    if not standing.cstat and standing.subject.service in (Service.AUTORIZACAO, Service.EVENTO, Service.INUTILIZACAO):
        return "Procure quem mais envia com este CNPJ ou certificado, e junte os retornos dali."
    found = _REMEDIES.get(standing.cstat) if standing.subject.service is Service.AUTORIZACAO else None
    return found or _OF_SERVICE[standing.subject.service].format(cstat=standing.cstat)


def evidence(standing: Standing) -> str:
    """Counts against the limit, with instants."""
    if not standing.count:
        return _ELSEWHERE
    when = span(standing.first, standing.last)
    if standing.within_seconds is None:
        return f"Recusada {times(standing.count)} com {standing.cstat} ({when}); o limite oficial é {standing.limit}."
    within = f"{standing.within_seconds // 60} minutos"
    if standing.first is None:
        return (
            f"{times(standing.count).capitalize()}, sem horário nas respostas; o limite é {standing.limit} em {within}."
        )
    return f"{times(standing.count).capitalize()} em {within} ({when}); o limite oficial é {standing.limit}."


def proof(culprit: Culprit) -> Sequence[str]:
    """Everything that speaks against it, one sentence each."""
    standing, found = culprit.standing, [evidence(culprit.standing)]
    if culprit.counted_by_sefaz is not None:
        counted = f"A SEFAZ diz ter contado {times(culprit.counted_by_sefaz)}"
        missing = culprit.counted_by_sefaz > standing.count > 0
        found.append(f"{counted}: há envios que não estão nestes arquivos." if missing else f"{counted}.")
    blocks = "1 bloqueio" if culprit.blocks == 1 else f"{whole(culprit.blocks)} bloqueios"
    when = span(culprit.first, culprit.last)
    answers = _many(culprit.refused, f"resposta {culprit.cstat}", f"respostas {culprit.cstat}")
    found.append(f"Causou {blocks}: {answers} ({when}).")
    if culprit.blocks >= BLOCKS_UNTIL_PERMANENT:
        found.append(f"A partir de {BLOCKS_UNTIL_PERMANENT} bloqueios a UF pode não desbloquear mais sozinha.")
    if len(standing.subject.chaves) > 1 and standing.subject.service is Service.AUTORIZACAO:
        found.append(f"O mesmo número saiu com {len(standing.subject.chaves)} chaves diferentes: é a mesma nota.")
    return found


def loop(found: StatusLoop) -> Sentence:
    """A status that is asked for too often."""
    text = (
        f"UF {found.uf}, {MODELS.get(found.modelo, found.modelo)}: {times(found.count)}, {times(found.too_soon)} com "
        f"menos de três minutos desde a anterior ({span(found.first, found.last)})."
    )
    return Sentence(text, _OF_SERVICE[Service.STATUS])


def doubt(found: Doubt) -> Sentence:
    """Something strange about who sends."""
    emitter, names = cnpj.show(found.emitter), " · ".join(found.names)
    if found.kind is Warned.FOREIGN_CERTIFICATE:
        return Sentence(
            f"{emitter} envia com certificado de outra empresa: {names}.",
            "Onde a UF conta por certificado e IP, uma nota de um cliente bloqueia todos os que usam o mesmo.",
        )
    what = "programas" if found.kind is Warned.PROGRAMS else "certificados"
    if found.at_once:
        return Sentence(
            f"Dois ou mais {what} enviaram por {emitter} no mesmo período: {names}.",
            "A SEFAZ soma os dois. Deixe um só, ou faça ambos perguntarem a quem conta.",
        )
    return Sentence(
        f"Mais de um entre os {what} de {emitter}, um depois do outro: {names}.",
        "Se foi uma troca ou atualização, confira que o antigo parou de enviar.",
    )


def duplicates(report: Report) -> Sentence | None:
    """Unknown outcomes mishandled, with their share of all rejections."""
    found = report.duplicates
    count = found.same_chave + found.other_chave
    if not count:
        return None
    return Sentence(
        f"{count * 100 // report.rejections} % das recusas ({whole(count)} de {whole(report.rejections)}) são "
        f"duplicidades, de {whole(found.notes)} {'nota' if found.notes == 1 else 'notas'}: "
        f"{whole(found.same_chave)} com {SAME_CHAVE} e {whole(found.other_chave)} com {OTHER_CHAVE}.",
        "São envios sem resposta tratados como recusa. Sem resposta, consulte a chave antes de qualquer novo envio.",
    )


def block(found: Block, report: Report) -> str:
    """Who is charged with it."""
    if found.culprit is None:
        return "Não dá para dizer quem: faltam as recusas de antes"
    return name(report.culprits[found.culprit].standing.subject)


def looked_at(report: Report) -> str:
    """What the report rests on, and what was left out."""
    files = report.files
    parts = [_many(files.looked_at, "arquivo", "arquivos"), f"{whole(files.useful)} com documentos ou retornos"]
    left_out = (
        (files.other_xml, "de outro assunto"),
        (files.no_xml, "fora do formato XML"),
        (files.too_large, "grandes demais"),
        (files.unreadable, "ilegíveis"),
        (files.nested, "compactados dentro do que veio (descompacte-os)"),
    )
    parts += [f"{whole(count)} {what}" for count, what in left_out if count]
    parts += [_many(report.answers, "retorno", "retornos"), _many(report.rejections, "recusa", "recusas")]
    copies = f" Cópias do mesmo retorno contaram uma vez ({whole(report.copies)} a mais)." if report.copies else ""
    return f"{', '.join(parts)}.{copies}"


def _many(count: int, one: str, many: str) -> str:
    return f"{whole(count)} {one if count == 1 else many}"


def sentences(report: Report) -> Mapping[str, Any]:
    """For the JSON: what people would read."""
    first = headline(report)
    duplicated = duplicates(report)
    return {
        "headline": {"text": first.text, "remedy": first.remedy},
        "proofs": [list(proof(culprit)) for culprit in report.culprits],
        "doubts": [{"text": one.text, "remedy": one.remedy} for one in map(doubt, report.warnings)],
        "duplicated": duplicated.text if duplicated else "",
    }
