"""Scopes of halts: each comes apart as it was put together, and no two kinds are ever the same text."""

from hypothesis import given, settings
from hypothesis import strategies as st

from zelo.fiscal.ambiente import Ambiente
from zelo.guard import halt

ids = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=1, max_size=26)


@settings(deadline=None)
@given(ids, st.integers(0, 999), st.sampled_from(["SVRS", "MG", "MS", "MT"]), st.sampled_from(Ambiente), ids)
def test_a_scope_comes_apart_as_it_was_put_together(
    establishment: str, serie: int, authorizer: str, ambiente: Ambiente, cnpj: str
) -> None:
    scopes = {
        halt.of_establishment(establishment): ("estabelecimento", establishment),
        halt.of_serie(establishment, serie): ("serie", establishment, str(serie)),
        halt.of_authorizer(authorizer, ambiente): ("autorizador", authorizer, str(ambiente.value)),
        halt.of_transmitter(authorizer, ambiente, cnpj): ("transmissor", authorizer, str(ambiente.value), cnpj),
    }
    assert len(scopes) == 4
    for scope, parts in scopes.items():
        assert halt.parts(scope) == parts


def test_only_an_authorizer_is_probed() -> None:
    """A block must not be probed: whoever asks then makes the hour begin again."""
    assert set(halt.PROBED) == {halt.AUTHORIZER}
    assert halt.CONSUMPTION not in halt.PROBED
