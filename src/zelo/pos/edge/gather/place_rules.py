"""What is noteworthy of the gateway, its machine, and what it is linked to."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from zelo.pos.edge.gather.rules import MINUTE_SECONDS, Level, Rule, counted
from zelo.pos.edge.gather.seen import PlaceSeen

_HOUR: Final = timedelta(hours=1)
_MEGABYTE: Final = 1_048_576
_PERCENT: Final = 100
_MANY_WRONG_CODES: Final = 5
"""Mistyped once or twice is no alarm."""
_SHOWN_TILLS: Final = 5
_PAIR_SILENT_SECONDS: Final = 300
"""A gateway that is restarted, or brought up to date, is no alarm."""


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


def _journal(seen: PlaceSeen) -> float | None:
    return float(bool(seen.disk_trouble))


def _journal_words(seen: PlaceSeen) -> str:
    return seen.disk_trouble


def _folder(seen: PlaceSeen) -> float | None:
    return float(bool(seen.folder_trouble))


def _folder_words(seen: PlaceSeen) -> str:
    return seen.folder_trouble


def _files(seen: PlaceSeen) -> float | None:
    return float(bool(seen.files_trouble))


def _files_words(seen: PlaceSeen) -> str:
    return seen.files_trouble


def _uplink(seen: PlaceSeen) -> float | None:
    return None if seen.waiting_since is None else (seen.now - seen.waiting_since) / _HOUR


def _pair(seen: PlaceSeen) -> float | None:
    return None if seen.pair is None else seen.pair.silent_seconds


def _pair_words(seen: PlaceSeen) -> str:
    return "" if seen.pair is None else seen.pair.trouble


def _pair_side(seen: PlaceSeen) -> float | None:
    return float(seen.pair is not None and seen.pair.same_side)


def _pair_clock(seen: PlaceSeen) -> float | None:
    return None if seen.pair is None else abs(seen.pair.ahead_seconds)


def _pair_clock_words(seen: PlaceSeen) -> str:
    return counted((_pair_clock(seen) or 0.0) / MINUTE_SECONDS, "minuto", "minutos")


def _wrong_codes(seen: PlaceSeen) -> float | None:
    return float(len(seen.wrong_codes))


def _wrong_codes_words(seen: PlaceSeen) -> str:
    tills = sorted(set(seen.wrong_codes))
    shown = ", ".join(tills[:_SHOWN_TILLS]) + (" e outros" if len(tills) > _SHOWN_TILLS else "")
    return f"{len(seen.wrong_codes)}, {'do caixa' if len(tills) == 1 else 'dos caixas'} {shown}"


_U, _W = Level.URGENT, Level.WARNING
PLACE_RULES: Final[Sequence[Rule[PlaceSeen]]] = (
    Rule(
        "duvida", ((1, _U),), "Vendas em dúvida: {}.",
        "Abra a página do gateway, ou rode zelo-edge doubts: cada uma diz o que fazer.", "zelo", _doubts,
    ),
    Rule(
        "fila", ((95, _U), (80, _W)), "O arquivo da fila tem {} % tomado pelo diário e por cupons sem outra cópia.",
        "Restabeleça a ligação com a central, ou, sem central, a pasta dos XML; ou aumente fila_mb em edge.toml e "
        "reinicie.", "zelo", _kept, unit="%",
    ),
    Rule(
        "disco", ((200, _U), (1_000, _W)), "Restam {} MB livres no disco do gateway.",
        "Libere espaço. O arquivo da fila tem seu lugar reservado e continua, mas o sistema pode parar.", "zelo", _disk,
        rising=False, unit="MB",
    ),
    Rule(
        "diario", ((1, _U),), "O disco não deixa gravar ({}): este gateway não vende.",
        "Libere espaço, e verifique disco e permissões da pasta. Assim que puder gravar ele vende de novo sozinho; "
        "caixas que conhecem outro gateway vendem por ele.", "zelo", _journal, words=_journal_words,
    ),
    Rule(
        "pasta", ((1, _U),), "O arquivo do gateway não está mais na pasta dele: foi apagado ou trocado.",
        "Não reinicie ainda: o que não subiu está só no arquivo que o gateway tem aberto, e some com ele. Espere que "
        "suba à central, ou, sem central, um minuto, até que os cupons sejam arquivos XML; depois reinicie e grave os "
        "códigos de ativação de novo.",
        "zelo", _moved,
    ),
    Rule(
        "integrador", ((1, _U),), "A pasta do Integrador não pode ser lida: {}.",
        "Confira pasta em [integrador] e as permissões dela; o gateway tenta de novo sozinho.", "zelo", _folder,
        words=_folder_words,
    ),
    Rule(
        "arquivos", ((1, _U),), "Os cupons não viram arquivos XML: {}.",
        "Confira pasta em [centro], o espaço e as permissões dela, e num serviço do systemd ReadWritePaths; o gateway "
        "tenta de novo sozinho. As vendas continuam enquanto houver lugar na fila.", "zelo", _files, words=_files_words,
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
    Rule(
        "codigo-do-caixa", ((_MANY_WRONG_CODES, _W),), "Códigos de ativação errados na última hora: {}.",
        "Corrija o código no programa desses caixas; nenhum equipamento foi chamado. Se está certo em todos, alguém "
        "tenta adivinhá-lo: restrinja redes e ponha um token em [linha].", "zelo", _wrong_codes,
        words=_wrong_codes_words,
    ),
    Rule(
        "par", ((_PAIR_SILENT_SECONDS, _W),), "O outro gateway {}: a loja está sem reserva.",
        "Veja se ele está ligado, e confira endereco e token em [par], a rede entre os dois e, no edge.toml dele, "
        "endereco em [web], que não pode ser 127.0.0.1. As vendas continuam por este. Se ele saiu da loja, tire [par] "
        "de edge.toml e reinicie.", "zelo", _pair, words=_pair_words, unit="s",
    ),
    Rule(
        "par-lado", ((1, _U),), "O outro gateway diz ser o mesmo lado que este.",
        "Em [par], lado é 0 num e 1 no outro, e endereco é o do outro. Corrija edge.toml e reinicie: com o mesmo lado "
        "os dois dão os mesmos números de sessão a um equipamento de ambos.", "zelo", _pair_side,
    ),
    Rule(
        "par-relogio", ((300, _W),), "Os relógios dos dois gateways diferem em {}.",
        "Acerte a hora das duas máquinas, de preferência pela internet: qual foi a última venda de um caixa que usou "
        "os dois, é a hora que diz.", "zelo", _pair_clock, words=_pair_clock_words, unit="s",
    ),
)  # fmt: skip
