"""What people set only makes us slower: nothing in the strings passes the ceiling, and the stops stay in order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from zelo.fiscal.uf import Uf
from zelo.guard.bounds import Parameters, policy
from zelo.guard.core import Policy
from zelo.guard.policy import Band

counts = st.integers(1, 60)


@settings(deadline=None)
@given(counts, counts, counts, counts, counts, st.booleans())
def test_no_parameter_passes_the_ceiling(
    safety: int,
    maximum: int,
    own: int,
    more: int,
    ceiling: int,
    enabled: bool,  # noqa: FBT001 hypothesis gives it
) -> None:
    text = f"PR|{own}-{own + more}/"
    for uf in (Uf.PR, Uf.SP):
        found = policy(Parameters("", text, safety, maximum, enabled), uf, ceiling)
        assert 1 <= found.safety <= found.maximum <= found.ceiling == ceiling


def test_the_uf_decides_and_the_rest_is_the_installations() -> None:
    set_ = Parameters("PR|5-10-120;11-*-300/", "PR|10-20/", 3, 7)
    bands = (Band(5, 10, 120), Band(11, None, 300))
    assert policy(set_, Uf.PR, 25) == Policy(10, 20, 25, bands)
    assert policy(set_, Uf.PR, 15) == Policy(10, 15, 15, bands)
    assert policy(set_, Uf.SP, 25) == Policy(3, 7, 25)


def test_switched_off_only_the_authorizers_own_limit_holds() -> None:
    assert policy(Parameters("PR|5-*-120/", "PR|1-2/", 1, 1, enabled=False), Uf.PR, 25) == Policy(25, 25, 25)
