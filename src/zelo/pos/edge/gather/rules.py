"""What is noteworthy, as one table: a measure, steps from the worst on, a sentence and a remedy in pt-BR.

`docs/reference/edge-alarms.md` lists the rows; a test holds that each can be met.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Generic, TypeVar

from zelo.facts.limit import limit
from zelo.fiscal.ambiente import Ambiente
from zelo.models.cfe.chave import MODELO
from zelo.models.cfe.status import OPERATIONS, Battery, Operation
from zelo.pos.edge.gather.seen import DeviceSeen, PlaceSeen
from zelo.pos.edge.health import MOST_BUSY, Return

View = TypeVar("View")
_ANYBODY: Final = "*"
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_MEGABYTE: Final = 1_048_576
_PERCENT: Final = 100
_MINUTE_SECONDS: Final = 60
SILENT_SECONDS: Final = 60
"""A device that is restarted is no alarm."""


class Level(StrEnum):
    """How much it presses; the worst first."""

    URGENT = "urgente"
    WARNING = "atenção"
    NOTICE = "aviso"


@dataclass(frozen=True, slots=True)
class Rule(Generic[View]):
    """A row. `rising`: the greater the measure the worse; `steps`: bound and level, the worst first.

    `measure` is None where there is nothing to say. `{}` in the sentence stands for the measure, or for what `words`
    make of the view.
    """

    id: str
    steps: tuple[tuple[float, Level], ...]
    sentence: str
    remedy: str
    source: str
    measure: Callable[[View], float | None]
    rising: bool = True
    words: Callable[[View], str] | None = None
    unit: str = ""

    def find(self, view: View, device: str) -> "Finding | None":
        """What there is to say of it."""
        value = self.measure(view)
        if value is None:
            return None
        for bound, level in self.steps:
            if value >= bound if self.rising else value <= bound:
                said = self.words(view) if self.words is not None else f"{abs(value):.0f}"
                return Finding(self.id, device, level, self.sentence.format(said), self.remedy)
        return None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something noteworthy now. `device`: "" for the gateway itself; rule and device together are its fingerprint."""

    rule: str
    device: str
    level: Level
    sentence: str
    remedy: str

    @property
    def fingerprint(self) -> tuple[str, str]:
        """By what it is the same as before."""
        return self.rule, self.device


def _days_limit(name: str, on: datetime) -> int:
    return limit(name, autorizador=_ANYBODY, modelo=MODELO, ambiente=Ambiente.PRODUCAO, on=on.date()).valor


def _left(name: str, since: datetime | None, now: datetime) -> float | None:
    """Whole days until a term of so many days since then is over."""
    return None if since is None else _days_limit(name, now) - (now - since) // _DAY


def _counted(count: float, one: str, more: str) -> str:
    return f"{count:.0f} {one if round(count) == 1 else more}"


def _certificate(seen: DeviceSeen) -> float | None:
    return None if seen.status is None else seen.status.certificate_days(seen.now)


def _certificate_words(seen: DeviceSeen) -> str:
    days = _certificate(seen) or 0
    return f"vence em {_counted(days, 'dia', 'dias')}" if days >= 0 else f"venceu há {_counted(-days, 'dia', 'dias')}"


def _memory(seen: DeviceSeen) -> float | None:
    return None if seen.status is None else seen.status.memory_percent


def _contact_left(seen: DeviceSeen) -> float | None:
    return _left("dias_sem_sefaz", seen.status.contact_at if seen.status else None, seen.now)


def _contact_words(seen: DeviceSeen) -> str:
    return _counted(max(0, _contact_left(seen) or 0), "dia", "dias")


def _sending_left(seen: DeviceSeen) -> float | None:
    if seen.status is None or not seen.status.pending:
        return None
    return _left("dias_sem_transmitir", seen.pending_since or seen.status.sent_at, seen.now)


def _sending_words(seen: DeviceSeen) -> str:
    pending = (seen.status.pending if seen.status else None) or 0
    left = _counted(max(0, _sending_left(seen) or 0), "dia", "dias")
    return f"{_counted(pending, 'cupom espera', 'cupons esperam')} a SEFAZ; faltam {left}"


def _drift(seen: DeviceSeen) -> float | None:
    if seen.status is None or seen.status_at is None:
        return None
    drift = seen.status.drift_seconds(seen.status_at)
    return None if drift is None else abs(drift)


def _drift_words(seen: DeviceSeen) -> str:
    drift = 0.0
    if seen.status is not None and seen.status_at is not None:
        drift = seen.status.drift_seconds(seen.status_at) or 0.0
    minutes = _counted(abs(drift) / _MINUTE_SECONDS, "minuto", "minutos")
    return f"{minutes} {'adiantado' if drift > 0 else 'atrasado'}"


def _battery(seen: DeviceSeen) -> float | None:
    return float(seen.status is not None and seen.status.battery is Battery.LOW)


def _blocked(seen: DeviceSeen) -> float | None:
    return float(bool(seen.health.out) and seen.health.returns is Return.STATUS and not _hung(seen))


def _blocked_words(seen: DeviceSeen) -> str:
    operation = seen.status.operation if seen.status else None
    return seen.health.out if operation in (None, Operation.OPEN) else f"{OPERATIONS[operation].capitalize()}."


def _wrong_code(seen: DeviceSeen) -> float | None:
    return float(seen.has_code and seen.health.returns is Return.CODE)


def _no_code(seen: DeviceSeen) -> float | None:
    return float(not seen.has_code)


def _hung(seen: DeviceSeen) -> float | None:
    return float(seen.health.busy >= MOST_BUSY)


def _hung_words(seen: DeviceSeen) -> str:
    return _counted(seen.health.busy, "chamada", "chamadas")


def _unloaded(seen: DeviceSeen) -> float | None:
    return float(bool(seen.health.unloaded))


def _unloaded_words(seen: DeviceSeen) -> str:
    return seen.health.unloaded


def _silent(seen: DeviceSeen) -> float | None:
    if seen.silent_since is None or seen.health.unloaded:
        return None
    return (seen.now - seen.silent_since).total_seconds()


def _silent_words(seen: DeviceSeen) -> str:
    return _counted((_silent(seen) or 0.0) / _MINUTE_SECONDS, "minuto", "minutos")


def _kept(seen: PlaceSeen) -> float | None:
    return seen.kept_share * _PERCENT


def _disk(seen: PlaceSeen) -> float | None:
    return None if seen.disk_free_bytes is None else seen.disk_free_bytes / _MEGABYTE


def _doubts(seen: PlaceSeen) -> float | None:
    return float(seen.doubts)


def _aside(seen: PlaceSeen) -> float | None:
    return float(seen.aside)


def _barred(seen: PlaceSeen) -> float | None:
    return float(bool(seen.uplink_trouble))


def _barred_words(seen: PlaceSeen) -> str:
    return seen.uplink_trouble


def _moved(seen: PlaceSeen) -> float | None:
    return float(not seen.in_place)


def _folder(seen: PlaceSeen) -> float | None:
    return float(bool(seen.folder_trouble))


def _folder_words(seen: PlaceSeen) -> str:
    return seen.folder_trouble


def _uplink(seen: PlaceSeen) -> float | None:
    return None if seen.waiting_since is None else (seen.now - seen.waiting_since) / _HOUR


_U, _W, _N = Level.URGENT, Level.WARNING, Level.NOTICE
_BLOCKS_ITSELF: Final = "ER SAT; prazo não confirmado (docs/reference/limits.md)"
DEVICE_RULES: Final[Sequence[Rule[DeviceSeen]]] = (
    Rule(
        "mudo", ((SILENT_SECONDS, _U),), "Não responde há {}.",
        "Verifique cabo e energia; se não voltar em um minuto, reinicie o equipamento.", "zelo", _silent,
        words=_silent_words, unit="s",
    ),
    Rule(
        "biblioteca", ((1, _U),), "{}",
        "Confira o caminho em edge.toml, se a biblioteca é de tantos bits quanto o zelo, e se o programa do fabricante "
        "está instalado nesta máquina.", "zelo", _unloaded, words=_unloaded_words,
    ),
    Rule(
        "travado", ((1, _U),), "Responde “em processamento” há {}.", "Reinicie o equipamento.",
        "ER SAT, código 098", _hung, words=_hung_words,
    ),
    Rule(
        "bloqueado", ((1, _U),), "Não vende: {}",
        "Bloqueio da SEFAZ ou do contribuinte: resolva no portal da SEFAZ. Bloqueio próprio: dê internet ao "
        "equipamento e espere que ele transmita.", "ER SAT, ESTADO_OPERACAO e códigos 06002 a 06009", _blocked,
        words=_blocked_words,
    ),
    Rule(
        "codigo", ((1, _U),), "O código de ativação guardado está errado.",
        "Grave o código certo: zelo-edge code EQUIPAMENTO, ou na página do equipamento. O zelo não tenta de novo com "
        "o errado, para que o equipamento não se bloqueie.", "ER SAT, 06001 e 06009", _wrong_code,
    ),
    Rule(
        "sem-codigo", ((1, _W),), "O código de ativação deste equipamento não foi gravado.",
        "Grave-o: zelo-edge code EQUIPAMENTO, ou na página do equipamento.", "zelo", _no_code,
    ),
    Rule(
        "certificado", ((7, _U), (30, _W), (60, _N)), "O certificado do equipamento {}.",
        "Renove-o com o equipamento ligado à internet (AtivarSAT, opção de renovação, ou o programa do fabricante).",
        "ER SAT, CERT_VENCIMENTO", _certificate, rising=False, words=_certificate_words, unit="dias",
    ),
    Rule(
        "memoria", ((95, _U), (80, _W)), "A memória do equipamento está {} % ocupada; com 95 % ele se bloqueia.",
        "Dê internet ao equipamento: o que for transmitido sai da memória.", "fato memoria_bloqueio", _memory, unit="%",
    ),
    Rule(
        "sem-sefaz", ((1, _U), (3, _W), (5, _N)),
        "O equipamento não fala com a SEFAZ; faltam {} para que se bloqueie.",
        "Ligue o equipamento à internet e veja se chega à SEFAZ: zelo-edge test --fim-a-fim VENDA.xml.",
        _BLOCKS_ITSELF, _contact_left, rising=False, words=_contact_words,
        unit="dias",
    ),
    Rule(
        "sem-transmitir", ((1, _U), (3, _W), (5, _N)), "{} para que o equipamento se bloqueie.",
        "Ligue o equipamento à internet; se já está ligado, veja a rejeição no log do equipamento.", _BLOCKS_ITSELF,
        _sending_left, rising=False, words=_sending_words, unit="dias",
    ),
    Rule(
        "relogio", ((3_600, _U), (300, _W)), "O relógio do equipamento está {}.",
        "Acerte primeiro a hora desta máquina; o equipamento acerta a dele ao falar com a SEFAZ.",
        "ER SAT, DH_ATUAL; SEFAZ recusa acima de 5 minutos (241)", _drift, words=_drift_words, unit="s",
    ),
    Rule(
        "bateria", ((1, _W),), "A bateria interna do equipamento está baixa.",
        "Marque a troca com a assistência técnica: sem ela o equipamento perde o relógio.", "ER SAT, NIVEL_BATERIA",
        _battery,
    ),
)  # fmt: skip
PLACE_RULES: Final[Sequence[Rule[PlaceSeen]]] = (
    Rule(
        "duvida", ((1, _U),), "Vendas em dúvida: {}.",
        "Abra a página do gateway, ou rode zelo-edge doubts: cada uma diz o que fazer.", "zelo", _doubts,
    ),
    Rule(
        "fila", ((95, _U), (80, _W)), "O arquivo da fila tem {} % tomado por documentos que só a central libera.",
        "Restabeleça a ligação com a central, ou aumente fila_mb em edge.toml e reinicie.", "zelo", _kept, unit="%",
    ),
    Rule(
        "disco", ((200, _U), (1_000, _W)), "Restam {} MB livres no disco do gateway.",
        "Libere espaço. O arquivo da fila tem seu lugar reservado e continua, mas o sistema pode parar.", "zelo", _disk,
        rising=False, unit="MB",
    ),
    Rule(
        "pasta", ((1, _U),), "O arquivo do gateway não está mais na pasta dele: foi apagado ou trocado.",
        "Não reinicie ainda: o que não subiu está só no arquivo que o gateway tem aberto, e some com ele. Espere que "
        "suba à central, ou, sem central, chame o suporte; depois reinicie e grave os códigos de ativação de novo.",
        "zelo", _moved,
    ),
    Rule(
        "integrador", ((1, _U),), "A pasta do Integrador não pode ser lida: {}.",
        "Confira pasta em [integrador] e as permissões dela; o gateway tenta de novo sozinho.", "zelo", _folder,
        words=_folder_words,
    ),
    Rule(
        "central", ((72, _U), (24, _W)), "Há {} horas que nada chega à central.",
        "Verifique a internet, o endereço e o token em [centro]. As vendas continuam e ficam guardadas.", "zelo",
        _uplink, unit="h",
    ),
    Rule(
        "ligacao", ((1, _W),), "Nada pode chegar à central: {}.",
        "Corrija o que a frase diz; [centro] em edge.toml vale ao reiniciar. As vendas continuam e ficam guardadas.",
        "zelo", _barred, words=_barred_words,
    ),
    Rule(
        "recusado", ((1, _W),), "Documentos que a central recusa: {}. Ficam guardados aqui, e o resto da fila segue.",
        "Veja o motivo na página do gateway ou com zelo-edge refused, e passe-o a quem cuida da central. Cada um é "
        "tentado de novo uma vez por dia, ou com zelo-edge refused retry.", "zelo", _aside,
    ),
)  # fmt: skip


def findings(devices: Sequence[DeviceSeen], place: PlaceSeen) -> list[Finding]:
    """All that is noteworthy, the most pressing first."""
    found = [*_found(DEVICE_RULES, devices), *(rule.find(place, "") for rule in PLACE_RULES)]
    order = list(Level)
    return sorted((each for each in found if each is not None), key=lambda each: order.index(each.level))


def _found(rules: Sequence[Rule[DeviceSeen]], devices: Sequence[DeviceSeen]) -> Iterator[Finding | None]:
    for seen in devices:
        for rule in rules:
            yield rule.find(seen, seen.name)
