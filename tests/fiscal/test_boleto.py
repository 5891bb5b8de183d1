"""The digits of payment slips, by published examples: a bank's manual and the tests of public libraries."""

import pytest

from zelo.fiscal import boleto

PUBLISHED = [
    ("00193373700000001000500940144816060680935031", "00190500954014481606906809350314337370000000100"),
    ("23799755200003700003381260007827139500006330", "23793381286000782713695000063305975520000370000"),
    ("83620000000667800481001809756573100158963608", "836200000005667800481000180975657313001589636081"),
    ("84890000000404201622018060519042958603411122", "848900000002404201622015806051904292586034111220"),
    ("85890000460524601791606075930508683148300001", "858900004609524601791605607593050865831483000010"),
    ("82690000001194000095000964778490003007131025", "826900000017194000095001096477849002030071310251"),
]


@pytest.mark.parametrize(("barras", "linha"), PUBLISHED)
def test_published_slips_in_both_forms(barras: str, linha: str) -> None:
    for given in (barras, linha):
        assert boleto.codigo_barras(given) == barras
        assert boleto.linha_digitavel(given) == linha


@pytest.mark.parametrize(("barras", "linha"), PUBLISHED)
def test_every_single_wrong_digit_of_a_typed_line_is_found(barras: str, linha: str) -> None:
    """Modulus 10 finds all of them; modulus 11 gives one digit for two rests, so the fields' own digits help it."""
    for place, digit in enumerate(linha):
        wrong = linha[:place] + str((int(digit) + 1) % 10) + linha[place + 1 :]
        with pytest.raises(ValueError, match="digit"):
            boleto.codigo_barras(wrong)
    assert len(barras) == boleto.BARRAS_DIGITS


@pytest.mark.parametrize(
    "wrong", ["", "1" * 46, "8" * 47, "1" * 48, "٣" * 44, "0019.", "83520000000667800481001809756573100158963608"]
)
def test_what_is_no_slip(wrong: str) -> None:
    with pytest.raises(ValueError, match="slip"):
        boleto.linha_digitavel(wrong)


def test_as_people_read_it() -> None:
    bank, utility = PUBLISHED[0][1], PUBLISHED[2][1]
    assert boleto.in_fields(bank) == "00190.50095 40144.816069 06809.350314 3 37370000000100"
    assert boleto.in_fields(utility) == "83620000000-5 66780048100-0 18097565731-3 00158963608-1"


def test_the_digit_of_the_whole_is_never_zero_at_a_bank() -> None:
    """Weights 2 to 9 from the right: 0 gives rest 0 and 6 gives rest 1 (12 mod 11); a bank prints 1 for both."""
    assert [boleto.mod11(d, "1") for d in ("0", "6")] == ["1", "1"]
    assert [boleto.mod11(d, "0") for d in ("0", "6")] == ["0", "0"]
