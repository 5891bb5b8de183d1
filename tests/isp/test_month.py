"""The month: each note in one tile, an equation that always holds, gaps with reasons, certain corrections."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drafts import internet
from zelo.fiscal.fault import Fault
from zelo.fiscal.situacao import Situacao
from zelo.flow.lifecycle import State
from zelo.isp.month import calendar
from zelo.isp.month.balance import Spot, Sum, balance
from zelo.isp.month.calendar import Month
from zelo.isp.month.fix import FIXES, mend
from zelo.isp.month.gaps import Gap, Numbered, Reason, gaps
from zelo.isp.month.tile import TILES, Side, Tile, tile
from zelo.models.canonical.facet import BAD_SHAPE
from zelo.models.nfcom.draft import NfcomDraft
from zelo.models.nfcom.rules.table import RULES

OF_ITEM = "276"
"""cStat 276 names the item: "Código de classificação do item inexistente [nItem: NNN]" (MOC NFCom Anexo I)."""
STANDINGS = [*product(State, [None, *Situacao], ["", "428", OF_ITEM], ["1", "2"], [False, True])]
cents = st.integers(0, 10**9).map(lambda value: Decimal(value).scaleb(-2))
standing = st.sampled_from(STANDINGS)


Standing = tuple[State, str | None, str, str, bool]


def placed(one: Standing) -> Tile:
    state, situacao, code, tpemis, refused = one
    return tile(state, situacao, cstat=code, tpemis=tpemis, cancel_refused=refused)


@given(st.lists(st.tuples(standing, st.integers(1, 9), cents), max_size=40))
def test_the_tiles_add_up_and_the_equation_holds_to_the_cent(
    notes: list[tuple[Standing, int, Decimal]],
) -> None:
    spots = [Spot("e", placed(where), where[2], Sum(count, value)) for where, count, value in notes]
    found = balance(spots)
    whole = Sum(sum(count for _, count, _ in notes), sum((value for *_, value in notes), Decimal("0.00")))
    assert found.known == whole
    sides = {side: found.side(side) for side in Side}
    assert found.billed == sides[Side.AUTHORISED] + sides[Side.PENDING] + sides[Side.REFUSED]
    assert found.billed + sides[Side.OUT] == whole


def test_every_combination_has_a_tile_and_every_tile_a_combination() -> None:
    assert {placed(one) for one in STANDINGS} == set(Tile) == set(TILES)


@pytest.mark.parametrize(
    ("state", "situacao", "more", "expected"),
    [
        (State.AUTHORISED, Situacao.AUTORIZADA, {}, Tile.AUTORIZADA),
        (State.AUTHORISED, Situacao.AUTORIZADA_FORA_DO_PRAZO, {}, Tile.AUTORIZADA),
        (State.AUTHORISED, Situacao.AUTORIZADA, {"tpemis": "2"}, Tile.AUTORIZADA),
        (State.AUTHORISED, Situacao.CANCELADA, {}, Tile.CANCELADA),
        (State.AUTHORISED, Situacao.SUBSTITUIDA, {}, Tile.CANCELADA),
        (State.AUTHORISED, Situacao.AUTORIZADA, {"cancel_refused": True}, Tile.ERRO_CANCELAMENTO),
        (State.DRAFT, None, {}, Tile.PROCESSAMENTO),
        (State.CHECKED, None, {}, Tile.CONFERIDA),
        (State.INVALID, None, {"cstat": "276"}, Tile.DADOS_INVALIDOS),
        (State.RESERVED, None, {}, Tile.AGUARDANDO),
        (State.UNKNOWN, None, {}, Tile.SEM_RETORNO),
        (State.UNKNOWN, None, {"tpemis": "2"}, Tile.CONTINGENCIA),
        (State.PAUSED, None, {}, Tile.INTERMITENTE),
        (State.REJECTED, None, {"cstat": "428"}, Tile.ERRO_NOTA),
        (State.REJECTED, None, {"cstat": OF_ITEM}, Tile.ERRO_ITEM),
        (State.CONFLICT, None, {"cstat": "539"}, Tile.ERRO_NOTA),
    ],
)
def test_the_tile_of_a_note(state: State, situacao: str | None, more: dict[str, str], expected: Tile) -> None:
    assert tile(state, situacao, **more) is expected  # type: ignore[arg-type]


def test_gaps_are_told_with_their_reasons() -> None:
    found = gaps(
        first=11,
        following=31,
        borne=[(11, 14), (17, 18), (22, 30)],
        open_=[
            Numbered(12, "d12", "F12", State.REJECTED, "428"),
            Numbered(17, "d17", "F17", State.UNKNOWN, ""),
            Numbered(30, "d30", "F30", State.CONFLICT, "539"),
        ],
        left={15: "F90", 20: "F91"},
    )
    assert found == [
        Gap(1, 10, Reason.FORMER),
        Gap(12, 12, Reason.REJECTED, "d12", "F12", "428"),
        Gap(15, 15, Reason.RENUMBERED, reference="F90"),
        Gap(16, 16, Reason.UNKNOWN),
        Gap(17, 17, Reason.MOVING, "d17", "F17"),
        Gap(19, 19, Reason.UNKNOWN),
        Gap(20, 20, Reason.RENUMBERED, reference="F91"),
        Gap(21, 21, Reason.UNKNOWN),
        Gap(30, 30, Reason.CONFLICT, "d30", "F30", "539"),
    ]


@given(st.integers(1, 60), st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)))
def test_each_number_is_authorised_or_in_exactly_one_gap(following: int, borne: set[int], left: set[int]) -> None:
    borne = {number for number in borne if number < following}
    stretches = [(number, number) for number in sorted(borne)]
    started = min(borne | {number for number in left if number < following}, default=None)
    found = gaps(first=started, following=following, borne=stretches, open_=[], left=dict.fromkeys(left - borne, "F"))
    told = [number for gap in found for number in range(gap.first, gap.last + 1)]
    assert sorted(told) == sorted(set(range(1, following)) - borne)


def faults(where: str, rule: str = BAD_SHAPE) -> list[Fault]:
    return [Fault(rule, "", "", where)]


def at(draft: NfcomDraft, **changes: str) -> NfcomDraft:
    return replace(draft, dest=replace(draft.dest, enderDest=replace(draft.dest.enderDest, **changes)))


@pytest.mark.parametrize(
    ("tag", "before", "after"),
    [
        ("xLgr", "  Rua  das Flores – fundos ", "Rua das Flores - fundos"),
        ("fone", "+55 (51) 99999-0000", "51999990000"),
        ("fone", "5533334444", "5533334444"),
        ("CEP", "90010-000", "90010000"),
    ],
)
def test_what_a_text_may_not_hold_is_tidied_and_nothing_else(tag: str, before: str, after: str) -> None:
    draft = at(internet(), **{tag: before})
    mended = mend(draft, faults(f"infNFCom/dest/enderDest/{tag}"), BAD_SHAPE)
    if before == after:
        assert mended is None
    else:
        assert mended is not None
        assert mended.draft == at(internet(), **{tag: after})
        assert [(one.before, one.after) for one in mended.changes] == [(before, after)]


def test_a_lost_zero_comes_back_only_where_a_cep_begins_with_it() -> None:
    for uf, expected in (("SP", "01310000"), ("RS", None)):
        draft = at(internet(), CEP="1310000", UF=uf)
        mended = mend(draft, faults("infNFCom/dest/enderDest/CEP"), BAD_SHAPE)
        assert (mended.draft.dest.enderDest.CEP if mended else None) == expected


def test_a_municipality_is_corrected_only_where_name_and_uf_decide() -> None:
    wrong = at(internet(), cMun="3550308")
    mended = mend(wrong, faults("dest/enderDest/cMun", "NFCOM-G29"), "NFCOM-G29")
    assert mended is not None
    assert mended.draft == internet()
    same_name = at(internet(), xMun="Bom Jesus", cMun="2502201", UF="RS")
    assert mend(same_name, faults("dest/enderDest/cMun", "NFCOM-G29"), "NFCOM-G29") is None, "PB or RS?"
    unknown = at(internet(), xMun="Lugar Nenhum", cMun="4399999")
    assert mend(unknown, faults("dest/enderDest/cMun", "NFCOM-G30"), "NFCOM-G30") is None


def test_a_farmer_s_word_is_left_to_a_person() -> None:
    draft = internet()
    draft = replace(draft, dest=replace(draft.dest, IE="ISENTO"))
    mended = mend(draft, faults("dest/IE", "NFCOM-G27"), "NFCOM-G27")
    assert mended is not None
    assert mended.draft.dest.IE is None
    farmer = replace(draft, assinante=replace(draft.assinante, tpAssinante="4"))
    assert mend(farmer, faults("dest/IE", "NFCOM-G27"), "NFCOM-G27") is None
    registered = replace(draft, dest=replace(draft.dest, IE="0960000003"))
    assert mend(registered, faults("dest/IE", "NFCOM-G27"), "NFCOM-G27") is None


def test_every_correction_is_of_a_rule_that_there_is() -> None:
    assert set(FIXES) - {BAD_SHAPE} <= {rule.id for rule in RULES}


def test_months_are_named_counted_and_read() -> None:
    november = Month(2026, 11)
    assert (november.name, november.period, november.slug) == ("Novembro/2026", "202611", "2026-11")
    assert (november.after.after, Month(2027, 1).before) == (Month(2027, 1), Month(2026, 12))
    assert november.days_left(date(2026, 11, 27)) == 3
    assert november.days_left(date(2026, 12, 1)) is None
    assert calendar.read("2026-11") == calendar.read("202611") == november
    assert calendar.read("2026-13") is None
