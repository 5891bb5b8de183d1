"""What is noteworthy of a device."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from zelo.fiscal.chave import in_blocks
from zelo.models.cfe.status import OPERATIONS, Battery, Operation
from zelo.pos.edge.gather.rules import MINUTE_SECONDS, Level, Rule, counted
from zelo.pos.edge.gather.seen import DeviceSeen
from zelo.pos.edge.health import MOST_BUSY, Return
from zelo.pos.edge.term import term

_DAY: Final = timedelta(days=1)
SILENT: Final = "mudo"
SILENT_SECONDS: Final = 60
"""A device that is restarted is no alarm."""


def _left(name: str, since: datetime | None, now: datetime) -> float | None:
    """Whole days until a term of so many days since then is over."""
    return None if since is None else term(name, now.date()) - (now - since) // _DAY


def _certificate(seen: DeviceSeen) -> float | None:
    return None if seen.status is None else seen.status.certificate_days(seen.now)


def _certificate_words(seen: DeviceSeen) -> str:
    days = _certificate(seen) or 0
    return f"vence em {counted(days, 'dia', 'dias')}" if days >= 0 else f"venceu há {counted(-days, 'dia', 'dias')}"


def _memory(seen: DeviceSeen) -> float | None:
    return None if seen.status is None else seen.status.memory_percent


def _contact_left(seen: DeviceSeen) -> float | None:
    return _left("dias_sem_sefaz", seen.status.contact_at if seen.status else None, seen.now)


def _contact_words(seen: DeviceSeen) -> str:
    return counted(max(0, _contact_left(seen) or 0), "dia", "dias")


def _sending_left(seen: DeviceSeen) -> float | None:
    if seen.status is None or not seen.status.pending:
        return None
    return _left("dias_sem_transmitir", seen.pending_since, seen.now)


def _sending_words(seen: DeviceSeen) -> str:
    pending = (seen.status.pending if seen.status else None) or 0
    left = counted(max(0, _sending_left(seen) or 0), "dia", "dias")
    return f"{counted(pending, 'cupom espera', 'cupons esperam')} a SEFAZ; faltam {left}"


def _drift(seen: DeviceSeen) -> float | None:
    if seen.status is None or seen.status_at is None:
        return None
    drift = seen.status.drift_seconds(seen.status_at)
    return None if drift is None else abs(drift)


def _drift_words(seen: DeviceSeen) -> str:
    drift = 0.0
    if seen.status is not None and seen.status_at is not None:
        drift = seen.status.drift_seconds(seen.status_at) or 0.0
    minutes = counted(abs(drift) / MINUTE_SECONDS, "minuto", "minutos")
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
    return counted(seen.health.busy, "chamada", "chamadas")


def _unloaded(seen: DeviceSeen) -> float | None:
    return float(bool(seen.health.unloaded))


def _unloaded_words(seen: DeviceSeen) -> str:
    return seen.health.unloaded


def _silent(seen: DeviceSeen) -> float | None:
    return None if seen.health.unloaded else seen.silent_seconds


def _silent_words(seen: DeviceSeen) -> str:
    return counted((_silent(seen) or 0.0) / MINUTE_SECONDS, "minuto", "minutos")


def _stray(seen: DeviceSeen) -> float | None:
    return float(seen.stray is not None)


def _stray_words(seen: DeviceSeen) -> str:
    if seen.stray is None:
        return ""
    kept = "O XML foi guardado" if seen.stray.kept else "O equipamento não repete o XML"
    return f"{seen.stray.chave.ncfe}, que não passou pelo zelo. {kept}: chave {in_blocks(str(seen.stray.chave))}"


_U, _W, _N = Level.URGENT, Level.WARNING, Level.NOTICE
_BLOCKS_ITSELF: Final = "ER SAT; prazo não confirmado (docs/reference/limits.md)"
DEVICE_RULES: Final[Sequence[Rule[DeviceSeen]]] = (
    Rule(
        SILENT, ((SILENT_SECONDS, _U),), "Não responde há {}.",
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
    Rule(
        "alheio", ((1, _W),), "Emitiu o cupom {}.",
        "Se outro programa fala direto com o equipamento, faça-o vender pelo zelo; se a máquina de outro gateway parou "
        "no meio de uma venda, confira-a com o caixa. O XML que não foi guardado baixa-se no portal da SEFAZ.",
        "ER SAT, ULTIMO_CF_E_SAT", _stray, words=_stray_words,
    ),
)  # fmt: skip
