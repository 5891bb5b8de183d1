"""The house in JSON, for the command and for other programs of the shop."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from zelo.pos.edge.gather.rules import Finding
from zelo.pos.edge.gather.seen import DeviceSeen
from zelo.pos.edge.gather.telling import status_fields
from zelo.pos.edge.journal.entry import Question, Sold
from zelo.pos.edge.page.house import House, Tested
from zelo.pos.edge.page.words import ADVICE, STANDINGS, asked, paired


def tell(house: House) -> dict[str, Any]:
    """All of it."""
    fill = house.fill
    return {
        "gateway": house.name,
        "versao": house.version,
        "em": house.now.isoformat(),
        "desde": house.started_at.isoformat(),
        "equipamentos": [_device(house, seen) for seen in house.devices],
        "achados": [_finding(house, each) for each in house.findings],
        "fila": {
            "arquivo_bytes": fill.file_bytes,
            "livre_bytes": fill.free_bytes,
            "nao_enviado_bytes": fill.unsent_bytes,
            "nao_enviados": fill.unsent,
            "copias_bytes": fill.copies_bytes,
            "recusados": fill.aside,
            "mais_antigo_em": _instant(fill.oldest_at),
        },
        "contas": [
            {
                "emissor": account.emitter,
                "classe": account.rank.name.lower(),
                "emitidos": account.emitted,
                "recebidos": account.received,
                "pendentes": account.pending,
                "perdidos": account.lost,
                "recusados": account.aside,
            }
            for account in house.accounts
        ],
        "vendas_hoje": {"quantidade": house.sold[0], "total_centavos": house.sold[1]},
        "ultimas": [_sold(each) for each in house.last],
        "duvidas": tell_doubts(house),
        "sem_resposta": tell_questions(house),
        "par": None if house.pair is None else {"frase": paired(house.pair), "bem": house.pair.is_well},
        "central": {"url": house.centre.url, "frase": house.centre.said, "bem": house.centre.well},
    }


def tell_doubts(house: House) -> list[dict[str, Any]]:
    """The coupons that somebody must look at."""
    return [
        _sold(each) | {"o_que_fazer": ADVICE[each.standing], "pode_cancelar": house.may_cancel(each)}
        for each in house.doubts
    ]


def tell_questions(house: House) -> list[dict[str, Any]]:
    """The calls of which it is not known what became."""
    return [_question(house, each) for each in house.questions]


def tell_aside(house: House) -> list[dict[str, Any]]:
    """The documents that the centre refuses."""
    return [
        {"emissor": each.emitter, "chave": each.key, "em": each.at.isoformat(), "motivo": each.said}
        for each in house.aside
    ]


def tell_tests(tested: Sequence[Tested]) -> list[dict[str, Any]]:
    """What devices answered."""
    return [
        {"equipamento": each.device, "funcao": each.function, "bem": each.well, "frase": each.sentence}
        for each in tested
    ]


def _device(house: House, seen: DeviceSeen) -> dict[str, Any]:
    status = seen.status
    derived = (
        {}
        if status is None or seen.status_at is None
        else {
            "dias_de_certificado": status.certificate_days(house.now),
            "dias_sem_sefaz": status.silent_days(house.now),
            "relogio_segundos": status.drift_seconds(seen.status_at),
        }
    )
    return {
        "nome": seen.name,
        "nserie": seen.nserie,
        "em_uso": seen.sells,
        "ocupado": seen.at_work,
        "tem_codigo": seen.has_code,
        "frase": seen.sentence,
        "falou_em": _instant(seen.spoke_at),
        "estado_em": _instant(seen.status_at),
        "estado": None if status is None else status_fields(status) | derived,
    }


def _finding(house: House, found: Finding) -> dict[str, Any]:
    return {
        "alarme": found.rule,
        "equipamento": found.device,
        "nivel": found.level.value,
        "frase": found.sentence,
        "remedio": found.remedy,
        "desde": _instant(house.since.get(found.fingerprint)),
    }


def _question(house: House, found: Question) -> dict[str, Any]:
    words = asked(found, house.numbers)
    return {
        "numero": found.attempt_id,
        "pedido": words.what,
        "equipamento": found.device,
        "caixa": found.till,
        "sessao": found.session,
        "em": found.at.isoformat(),
        "situacao": words.standing,
        "o_que_fazer": words.advice,
        "pode_anotar": found.is_for_person(house.numbers),
    }


def _sold(sold: Sold) -> dict[str, Any]:
    return {
        "chave": sold.chave,
        "equipamento": sold.device,
        "caixa": sold.till,
        "em": sold.at.isoformat(),
        "total_centavos": sold.total_cents,
        "cancela": sold.cancels or None,
        "situacao": STANDINGS[sold.standing],
        "nota": sold.note,
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
