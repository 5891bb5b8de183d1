"""cStat 215 and 239: the official schema decides, in words like the authority's."""

import pytest

from tests.sim import notes
from tests.sim.world import World
from zelo.sim.schema import schema

WORDED = {
    "facet": (
        ("<cNF>1234567<", "<cNF>12345678<"),
        (
            f"[The '{notes.NFCOM}:cNF' element is invalid - The value '12345678' is invalid according to its datatype "
            "'String' - The Pattern constraint failed.]"
        ),
    ),
    "order": (
        ("<mod>62</mod>", ""),
        (
            f"[The element 'serie' in namespace '{notes.NFCOM}' is not expected here. List of possible elements "
            "expected: 'mod'.]"
        ),
    ),
    "missing at the end": (
        ("<xNome>Assinante de Teste</xNome><CPF>52998224725</CPF>", ""),
        f"'indIEDest' in namespace '{notes.NFCOM}' is not expected here",
    ),
    "empty": (
        ("<xNome>Assinante de Teste<", "<xNome><"),
        "[facet 'minLength'] The value has a length of '0'",
    ),
    "attribute": (('nItem="2"', 'nItem="0"'), "'nItem' attribute is invalid"),
    "attribute missing": ((' nItem="2"', ""), "The attribute 'nItem' is required but missing"),
}


@pytest.mark.parametrize("what", WORDED)
def test_the_sentence_of_a_schema_fault(sim: World, what: str) -> None:
    edit, sentence = WORDED[what]
    told = sim.send(notes.Draft().but(edit))
    assert told.cstat == "215"
    assert sentence[:200] in told.motivo


def test_another_root_is_a_schema_fault(sim: World) -> None:
    assert sim.submit(notes.status()).cstat == "215"


def test_the_version_comes_before_the_schema(sim: World) -> None:
    assert sim.send(notes.Draft().but(('versao="1.00"', 'versao="2.00"'), ("<mod>62</mod>", ""))).cstat == "239"


def test_no_file_outside_the_package_is_read() -> None:
    with pytest.raises(FileNotFoundError):
        schema("../../nfe/schemas/v4_0/nfe_v4.00.xsd_")
