"""The bytes of a draft: the same for the same content for ever, or every fatura that comes again looks corrected."""

import json
import random
from typing import Any, Final

from tests.drafts import internet
from zelo.models.nfcom import codec

KEPT_SINCE_2026: Final = (
    '{"dest":{"xNome":"CONCEIÇÃO \\"D\\" & <FILHOS>","indIEDest":"9","enderDest":{"xLgr":"Rua das Flores","nro":"10",'
    '"xBairro":"Centro","cMun":"4314902","xMun":"Porto Alegre","CEP":"90010000","UF":"RS"},"CPF":"52998224725"},'
    '"assinante":{"iCodAssinante":"1001","tpAssinante":"3","tpServUtil":"4","nContrato":"C-1001",'
    '"dContratoIni":"2024-03-01"},"det":[{"nItem":1,"prod":{"cProd":"SCM500","xProd":"Internet fibra 500 Mbps",'
    '"cClass":"0100401","uMed":"4","qFaturada":"1","vItem":"100.00","vProd":"100.00","CFOP":"5307"},'
    '"imposto":{"ICMS00":{"vBC":"100.00","pICMS":"17.00","vICMS":"17.00","CST":"00"},'
    '"PIS":{"CST":"01","vBC":"100.00","pPIS":"0.65","vPIS":"0.65"},'
    '"COFINS":{"CST":"01","vBC":"100.00","pCOFINS":"3.00","vCOFINS":"3.00"}}}],'
    '"cMunFG":"4314902","finNFCom":"0","tpFat":"0","gFat":{"CompetFat":"202611","dVencFat":"2026-12-10",'
    '"codBarras":"23793381286000000000300000000405984740000009990"}}'
)


def _shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        names = chance.sample(list(value), len(value))
        return {name: _shuffled(value[name], chance) for name in names}
    return [_shuffled(one, chance) for one in value] if isinstance(value, list) else value


def test_the_bytes_of_a_release_stay() -> None:
    assert codec.dump(internet(name='CONCEIÇÃO "D" & <FILHOS>')).decode() == KEPT_SINCE_2026


def test_the_order_in_which_a_draft_was_written_does_not_count() -> None:
    for seed in range(20):
        other = json.dumps(_shuffled(json.loads(KEPT_SINCE_2026), random.Random(seed)), indent=1)
        draft = codec.load(other.encode())
        assert not isinstance(draft, list)
        assert codec.dump(draft).decode() == KEPT_SINCE_2026
