"""Situação: what the authority says of a document. It is theirs; the state of our job is never this enum."""

from enum import StrEnum


class Situacao(StrEnum):
    """Standing of an authorised document at the authorizer (MOC NFCom 1.00a, answers of NFComConsulta)."""

    AUTORIZADA = "autorizada"
    AUTORIZADA_FORA_DO_PRAZO = "autorizada fora do prazo"
    CANCELADA = "cancelada"
    SUBSTITUIDA = "substituída"
