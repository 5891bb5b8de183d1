"""Who authorises whom, and where: every UF has one authorizer, and every service of it an address in both worlds."""

from datetime import date
from typing import Final
from urllib.parse import urlsplit

import pytest

from zelo.facts.authorizer import autorizador, autorizadores, endereco, qrcode, ufs_of
from zelo.facts.table import UnknownFactError
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.uf import Uf
from zelo.models.nfcom.services import SERVICES

TODAY: Final = date(2026, 11, 21)
OWN: Final = {Uf.MG: "MG", Uf.MS: "MS", Uf.MT: "MT"}
"""The three with an authorizer of their own; SVRS serves the others."""
OWN_OF_NFE: Final = {"55": "AM BA GO MG MS MT PE PR RS SP", "65": "AM GO MG MS MT PR RS SP"}
"""Of NF-e and NFC-e; MA is served by SVAN for 55, and SVRS serves the others."""
BEFORE_NFCOM: Final = date(2022, 4, 11)
EVENTS: Final = "NFComRecepcaoEvento"


@pytest.mark.parametrize("uf", list(Uf))
def test_every_uf_has_its_authorizer(uf: Uf) -> None:
    assert autorizador("62", uf, TODAY) == OWN.get(uf, "SVRS")


@pytest.mark.parametrize(("modelo", "own"), OWN_OF_NFE.items())
@pytest.mark.parametrize("uf", list(Uf))
def test_every_uf_has_its_authorizer_of_goods(modelo: str, own: str, uf: Uf) -> None:
    others = "SVAN" if (modelo, uf) == ("55", Uf.MA) else "SVRS"
    assert autorizador(modelo, uf, TODAY) == (uf.value if uf.value in own.split() else others)


def test_the_ufs_of_all_authorizers_are_the_27_each_once() -> None:
    assert autorizadores("62") == ("MG", "MS", "MT", "SVRS")
    served = [uf for each in autorizadores("62") for uf in ufs_of("62", each, TODAY)]
    assert sorted(served) == sorted(Uf)


@pytest.mark.parametrize("ambiente", list(Ambiente))
@pytest.mark.parametrize("authorizer", ["SVRS", "MG", "MS", "MT"])
def test_every_service_has_an_address_of_its_own(authorizer: str, ambiente: Ambiente) -> None:
    found = {name: endereco("62", authorizer, ambiente, name, TODAY) for name in [*SERVICES, EVENTS]}
    assert len(set(found.values())) == len(found)
    for name, url in found.items():
        parts = urlsplit(url)
        assert parts.scheme == "https"
        assert (parts.hostname or "").endswith(".gov.br")
        assert name in parts.path
        assert not parts.query
    assert urlsplit(qrcode("62", authorizer, ambiente, TODAY)).scheme == "https"


@pytest.mark.parametrize("authorizer", ["SVRS", "MG", "MS", "MT"])
def test_production_is_never_mistaken_for_homologation(authorizer: str) -> None:
    hosts = {
        ambiente: {urlsplit(endereco("62", authorizer, ambiente, name, TODAY)).hostname for name in [*SERVICES, EVENTS]}
        for ambiente in Ambiente
    }
    assert not hosts[Ambiente.PRODUCAO] & hosts[Ambiente.HOMOLOGACAO]
    assert all(host and "hom" not in host.split(".")[0] for host in hosts[Ambiente.PRODUCAO])
    assert all(host and ("hom" in host or host.startswith("h")) for host in hosts[Ambiente.HOMOLOGACAO])


def test_what_no_row_answers_is_an_error_that_names_the_question() -> None:
    with pytest.raises(UnknownFactError, match="62 in RS on 2022-04-11"):
        autorizador("62", Uf.RS, BEFORE_NFCOM)
    with pytest.raises(UnknownFactError, match="model 57"):
        autorizador("57", Uf.RS, TODAY)
    with pytest.raises(UnknownFactError, match="Inutilizacao of SVRS"):
        endereco("62", "SVRS", Ambiente.PRODUCAO, "Inutilizacao", TODAY)
    with pytest.raises(UnknownFactError, match="QR"):
        qrcode("62", "AN", Ambiente.PRODUCAO, TODAY)
    assert ufs_of("62", "AN", TODAY) == frozenset()
    assert autorizadores("99") == ()
