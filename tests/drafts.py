"""Drafts for the tests: a residential internet subscriber of an emitter's own UF, right in every field."""

from datetime import date
from decimal import Decimal

from tests.house import PLACES
from zelo.facts.place import find_municipio
from zelo.models.nfcom.draft import Assinante, Dest, Det, EnderecoDest, GFat, NfcomDraft, Prod
from zelo.models.nfcom.tax import Cofins, Icms00, Imposto, Pis

LINHA = "23793381286000000000300000000405984740000009990"
_PLACES = {place.uf: place for place in PLACES}


def internet(uf: str = "RS", value: str = "100.00", name: str = "MARIA DA SILVA") -> NfcomDraft:
    """A plan of that amount, taxed in full."""
    amount, place = Decimal(value), _PLACES[uf]
    town = find_municipio(place.municipio, uf)
    assert town is not None
    cent = Decimal("0.01")
    icms = Icms00(vBC=amount, pICMS=Decimal("17.00"), vICMS=(amount * 17 / 100).quantize(cent))
    pis = Pis(CST="01", vBC=amount, pPIS=Decimal("0.65"), vPIS=(amount * 65 / 10_000).quantize(cent))
    cofins = Cofins(CST="01", vBC=amount, pCOFINS=Decimal("3.00"), vCOFINS=(amount * 3 / 100).quantize(cent))
    return NfcomDraft(
        cMunFG=town.codigo,
        dest=Dest(
            xNome=name,
            CPF="52998224725",
            indIEDest="9",
            enderDest=EnderecoDest(
                xLgr="Rua das Flores",
                nro="10",
                xBairro="Centro",
                cMun=town.codigo,
                xMun=town.nome,
                CEP=place.cep,
                UF=uf,
            ),
        ),
        assinante=Assinante(
            iCodAssinante="1001", tpAssinante="3", tpServUtil="4", nContrato="C-1001", dContratoIni=date(2024, 3, 1)
        ),
        det=(
            Det(
                nItem=1,
                prod=Prod(
                    cProd="SCM500",
                    xProd="Internet fibra 500 Mbps",
                    cClass="0100401",
                    CFOP="5307",
                    uMed="4",
                    qFaturada=Decimal(1),
                    vItem=amount,
                    vProd=amount,
                ),
                imposto=Imposto(ICMS00=icms, PIS=pis, COFINS=cofins),
            ),
        ),
        gFat=GFat(CompetFat="202611", dVencFat=date(2026, 12, 10), codBarras=LINHA),
    )
