"""What the pages call things that the rooms know by a code: events, outcomes, halts, services, options of a field."""

from dataclasses import dataclass
from typing import Final

from zelo.facts import cstat
from zelo.flow.event.lifecycle import Happening
from zelo.flow.lifecycle import Event, State
from zelo.guard import halt
from zelo.models.nfcom.document import MODELO
from zelo.models.nfcom.rules import remedy as remedies
from zelo.models.nfcom.services import CONSULTA, EVENTO, RECEPCAO, STATUS
from zelo.monitor.wording import Tone
from zelo.notify.core import Kind
from zelo.notify.delivery import State as MailState

RECEIVED: Final = "received"
"""The first line of every history: the draft came in (no event of the table, for there was no state before)."""

EVENTS: Final = {
    RECEIVED: "Recebida",
    Event.FOUND_FAULTY.value: "Conferida: tem erros",
    Event.FOUND_GOOD.value: "Conferida, sem erro: espera o envio",
    Event.SUCCEEDED.value: "A fatura passou a outra nota",
    Event.LET_GO.value: "Envio mandado por uma pessoa",
    Event.CHECKED_AGAIN.value: "Vai ser conferida de novo",
    Event.SIGNED.value: "Conferida, numerada e assinada",
    Event.REVISED.value: "Corrigida",
    Event.ADMITTED.value: "Transmissão iniciada",
    Event.HELD_BACK.value: "Parada por segurança, antes do limite da SEFAZ",
    Event.AUTHORISED.value: "Autorizada pela SEFAZ",
    Event.REJECTED.value: "Recusada pela SEFAZ",
    Event.ISSUER_REFUSED.value: "A SEFAZ recusou o emitente; a nota espera",
    Event.SERVICE_PAUSED.value: "Serviço da SEFAZ parado; a nota espera",
    Event.BLOCKED.value: "A SEFAZ apontou consumo indevido; a nota espera",
    Event.BLAMED.value: "A SEFAZ apontou esta nota como causa do bloqueio",
    Event.UNANSWERED.value: "A resposta não chegou",
    Event.NOT_SENT.value: "Não saiu: a conexão não abriu",
    Event.LEASE_EXPIRED.value: "O processo parou no meio do envio",
    Event.DUPLICATE.value: "A SEFAZ já conhece a nota; consultando",
    Event.UNRECOGNISED.value: "Resposta desconhecida; consultando antes de qualquer reenvio",
    Event.FOUND.value: "Encontrada autorizada na SEFAZ",
    Event.FOUND_ANOTHER.value: "O número pertence a outro documento",
    Event.NOT_FOUND.value: "Não consta na SEFAZ; volta à fila",
    Event.NOT_FOUND_UNRECOGNISED.value: "Não consta na SEFAZ, depois de resposta desconhecida",
    Event.STILL_UNKNOWN.value: "Consultada; ainda sem resposta",
    Event.RESUMED.value: "Retomada",
    Event.ASKED_AGAIN.value: "Consulta pedida",
    Event.RENUMBERED.value: "Deixou o número; vai receber outro",
    Event.RELEASED.value: "Liberada por uma pessoa",
    Event.SUCCEEDED.value: "A fatura foi cobrada por outra nota",
    Event.RESTORED.value: "Veio de um backup restaurado; conferindo na SEFAZ",
    Event.CANCELLED.value: "Cancelada",
    Event.FOUND_CANCELLED.value: "Encontrada cancelada na SEFAZ",
    Event.CONFIRMED.value: "Consultada na SEFAZ",
    Event.TURNED_OFFLINE.value: "Passou para contingência",
    Event.LEFT_UNUSED.value: "Não consta na SEFAZ; o número fica sem uso",
}

EVENT_EVENTS: Final = {
    "requested": "Cancelamento pedido",
    **{value: words for value, words in EVENTS.items() if value in list(Happening)},
    Happening.FOUND_FAULTY.value: "Conferido: tem erro",
    Happening.SIGNED.value: "Conferido e assinado",
    Happening.REGISTERED.value: "Registrado pela SEFAZ",
    Happening.REJECTED.value: "Recusado pela SEFAZ",
    Happening.DUPLICATE.value: "A SEFAZ já conhece; consultando a nota",
    Happening.FOUND.value: "Encontrado registrado na SEFAZ",
    Happening.OVERTAKEN.value: "A nota já estava encerrada de outra forma",
    Happening.NOT_FOUND.value: "Não consta na SEFAZ; volta à fila",
    Happening.REQUESTED_AGAIN.value: "Pedido de novo",
    Happening.NOT_FOUND_REFUSED.value: "Não consta na SEFAZ; segue recusado",
    Happening.WITHDRAWN.value: "Retirado por uma pessoa",
}
"""What happens to a cancellation."""


def official(code: str) -> str:
    """The official text of a cStat of NFCom, or the bare code."""
    return cstat.texto(MODELO, code) or code


def remedy(code: str) -> str:
    """What a person does about a refusal with that cStat, or an empty string."""
    return remedies.remedy(code)


GUIDANCE: Final = {
    State.DRAFT: "Será conferida, numerada e assinada",
    State.INVALID: "O que corrigir está logo abaixo. Nenhum número foi usado.",
    State.CHECKED: "Espera alguém mandar enviar. Número e data de emissão vêm na hora do envio.",
    State.SIGNED: "Será transmitida",
    State.RESERVED: "A resposta da SEFAZ está a caminho; se não vier, a nota será consultada",
    State.UNKNOWN: "Será consultada na SEFAZ",
    State.PAUSED: "Será tentada de novo",
    State.BLOCKED: "Será tentada de novo depois do bloqueio,",
    State.REJECTED: "O que a SEFAZ apontou está logo abaixo.",
    State.HELD: "Nada mais sai com este número antes de uma pessoa decidir.",
    State.CONFLICT: "Consulte a SEFAZ. Se o número é mesmo de outro documento, dê outro número a esta nota.",
    State.AUTHORISED: "Nada mais a fazer.",
    State.CANCELLED: "O XML do cancelamento fica guardado com o da nota.",
    State.UNUSED: "Nada a fazer: a NFCom não tem inutilização.",
}
"""What comes next; where a step is due, its hour follows these words."""

SERVICES: Final = {
    RECEPCAO.name: "Transmissão",
    CONSULTA.name: "Consulta",
    STATUS.name: "Situação do serviço",
    EVENTO.name: "Cancelamento",
}

REASONS: Final = {
    halt.ISSUER: "A SEFAZ recusou o emitente ou o certificado",
    halt.CONFLICT: "Conflito de numeração na série",
    halt.AUTHORIZER: "A SEFAZ está parada ou não responde",
    halt.CONSUMPTION: "Bloqueio por consumo indevido",
    halt.PERMANENT: "Bloqueio que a SEFAZ pode ter tornado permanente",
    halt.QUARANTINE: "Emitente em quarentena depois de uma restauração",
}

HELD_OTHERWISE: Final = "A SEFAZ deu uma resposta que o zelo não conhece: consulte antes de liberar."

RELEASES: Final = {
    halt.ISSUER: "Um administrador libera, depois de corrigir o cadastro ou o certificado.",
    halt.CONFLICT: "Um administrador libera, depois de resolver a nota em conflito.",
    halt.AUTHORIZER: "Segue sozinho assim que a SEFAZ responder que voltou.",
    halt.CONSUMPTION: "Termina sozinho na hora marcada: enviar antes recomeça a contagem. Ninguém libera.",
    halt.PERMANENT: (
        "O zelo não pergunta se acabou: cada pergunta conta. Peça o desbloqueio à SEFAZ, com a planilha da Guarda e o "
        "histórico das notas; depois, um administrador libera."
    ),
    halt.QUARANTINE: "Termina sozinha se a SEFAZ não tem notas que este banco perdeu; senão, um administrador libera.",
}


@dataclass(frozen=True, slots=True)
class Group:
    """States of one tone together, as the list shows them."""

    tone: Tone
    label: str
    about: str


GROUPS: Final = (
    Group(Tone.ACTION, "Precisam de você", "Paradas até alguém agir"),
    Group(Tone.WAITING, "Aguardando", "Seguem sozinhas"),
    Group(Tone.MOVING, "Em andamento", "O zelo está cuidando"),
    Group(Tone.DONE, "Autorizadas", "Nada a fazer"),
    Group(Tone.ENDED, "Encerradas", "Canceladas e sem uso"),
)

NOTICES: Final = {
    "cancelamento": "Cancelamento pedido: vai ser assinado e transmitido. Acompanhe nesta página.",
    "cancelamentos": "Cancelamentos pedidos: acompanhe o andamento nesta página.",
    "prazo-proprio": "Prazo próprio gravado.",
    "contingencia-ligada": "Contingência ligada: as próximas notas saem com QR assinado e já podem ser impressas.",
    "contingencia-desligada": "Contingência desligada: as próximas notas saem normais.",
    "enviando": "Envio mandado: as notas recebem número e data agora. Acompanhe aqui.",
    "nada-a-enviar": "Nada foi enviado: as notas já foram, ou mudaram depois que você olhou. Confira de novo.",
    "conferindo": "As notas com erro vão ser conferidas de novo.",
    "corrigidas": "Correções feitas: as notas vão ser conferidas de novo.",
    "nada-a-corrigir": "Nada a corrigir: as notas já mudaram. Confira de novo.",
    "faturamento": "Gravado: vale a partir do próximo arquivo.",
    "recebida": "Nota recebida: vai ser conferida, numerada e transmitida.",
    "igual": "Nada mudou: esta nota já estava assim.",
    "corrigida": "Correção recebida: a nota volta à fila com o mesmo número.",
    "consulta": "Consulta pedida: a resposta da SEFAZ aparece aqui.",
    "reenvio": "Reenvio pedido: a nota sai de novo, igual, com o mesmo número.",
    "cancelamento-liberado": "Cancelamento liberado: volta à fila. O que a SEFAZ contou continua contado.",
    "cancelamento-retirado": "Cancelamento retirado: a nota segue autorizada.",
    "nota-liberada": "Nota liberada: volta à fila. O que a SEFAZ contou continua contado.",
    "parametros": "Parâmetros gravados: valem a partir do próximo envio.",
    "vistos": "Guardado quem enviou, e nada mais do diagnóstico.",
    "codigo": "Leitura gravada: vale a partir do dia escolhido.",
    "renumerada": "A nota deixou o número antigo e volta à fila para receber outro.",
    "envio": "O arquivo foi enviado há mais de um dia, ou nunca foi: envie-o outra vez.",
    "de-novo": "O zelo tenta de novo: acompanhe aqui.",
    "confirmado": "O arquivo já foi confirmado: entrou uma vez só, e é este.",
    "mapeamento": "Mapeamento gravado: o arquivo foi lido de novo por ele.",
    "cobranca": "Formas de cobrança gravadas: valem a partir do próximo arquivo.",
    "empresa": "Empresa cadastrada. Agora cadastre o estabelecimento que emite as notas.",
    "estabelecimento": "Estabelecimento gravado.",
    "serie": "Série gravada.",
    "logotipo": "Logotipo gravado: sai no próximo DANFE-COM.",
    "logotipo-retirado": "Logotipo retirado.",
    "certificado": "Certificado instalado. Escolha-o no estabelecimento que o usa.",
    "certificado-retirado": "Certificado retirado de uso.",
    "papel": "Papel mudado.",
    "pessoa-retirada": "A pessoa não tem mais acesso a esta empresa.",
    "convite-cancelado": "Convite cancelado: o link não vale mais.",
    "chave-revogada": "Chave revogada: quem a usava não entra mais.",
    "avisos-sim": "Você vai receber por e-mail os avisos desta empresa.",
    "avisos-nao": "Você não recebe mais por e-mail os avisos desta empresa.",
    "endereco": "Endereço acrescentado: recebe os próximos avisos.",
    "endereco-retirado": "Endereço retirado: não recebe mais avisos.",
    "liberada": "Parada liberada: o que ela segurava volta a andar.",
    "senha": "Senha trocada. As outras sessões foram encerradas.",
    "bem-vindo": "Convite aceito.",
    "saiu": "Você saiu.",
}
"""What a page says after an act, by the word that the address carries."""

NOTICE_KINDS: Final = {
    Kind.BLOCK.value: ("Bloqueio", Tone.WAITING),
    Kind.NEAR.value: ("Perto do bloqueio permanente", Tone.ACTION),
    Kind.PERMANENT.value: ("Bloqueio permanente", Tone.ACTION),
    Kind.HELD.value: ("Nota parada", Tone.ACTION),
    Kind.CANCEL.value: ("Cancelamento parado", Tone.ACTION),
    Kind.CERTIFICATE.value: ("Certificado", Tone.WAITING),
}
"""What a notice is about."""

MAIL_STATES: Final = {
    MailState.WAITING.value: ("na fila", Tone.MOVING),
    MailState.RETRYING.value: ("tentando de novo", Tone.WAITING),
    MailState.DELIVERED.value: ("entregue", Tone.DONE),
    MailState.REFUSED.value: ("recusado", Tone.ACTION),
    MailState.GIVEN_UP.value: ("desistido", Tone.ACTION),
}
"""Where a mail stands."""

CRT: Final = (("1", "1 · Simples Nacional"), ("2", "2 · Simples, acima do sublimite"), ("3", "3 · Regime normal"))
TIPO_ASSINANTE: Final = (
    ("1", "1 · Comercial"),
    ("2", "2 · Industrial"),
    ("3", "3 · Residencial ou pessoa física"),
    ("4", "4 · Produtor rural"),
    ("5", "5 · Órgão público estadual"),
    ("6", "6 · Prestador de telecomunicações"),
    ("7", "7 · Missão diplomática ou organismo internacional"),
    ("8", "8 · Igreja ou templo"),
    ("99", "99 · Outros"),
)
TIPO_SERVICO: Final = (
    ("1", "1 · Telefonia"),
    ("2", "2 · Comunicação de dados"),
    ("3", "3 · TV por assinatura"),
    ("4", "4 · Internet"),
    ("5", "5 · Multimídia"),
    ("6", "6 · Outros"),
    ("7", "7 · Vários"),
)
INDICADOR_IE: Final = (
    ("9", "9 · Não contribuinte"),
    ("1", "1 · Contribuinte do ICMS"),
    ("2", "2 · Isento de inscrição"),
)
CST_ICMS: Final = (
    ("00", "00 · Tributado"),
    ("20", "20 · Base reduzida"),
    ("40", "40 · Isento"),
    ("41", "41 · Não tributado"),
    ("51", "51 · Diferido"),
    ("90", "90 · Outros"),
    ("SN", "Simples Nacional"),
    ("SEM", "Sem ICMS (não é comunicação)"),
)
CST_FEDERAL: Final = (
    ("01", "01 · Tributável"),
    ("02", "02 · Alíquota diferenciada"),
    ("06", "06 · Alíquota zero"),
    ("07", "07 · Isenta"),
    ("08", "08 · Sem incidência"),
    ("09", "09 · Suspensão"),
    ("49", "49 · Outras saídas"),
)
