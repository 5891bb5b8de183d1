"""Whatever the rooms may say has words on the pages."""

from zelo.flow.lifecycle import Event, State
from zelo.guard import halt
from zelo.models.nfcom.services import SERVICES
from zelo.monitor.wording import WORDING
from zelo.web import words

REASONS = {halt.ISSUER, halt.CONFLICT, halt.AUTHORIZER, halt.CONSUMPTION, halt.PERMANENT, halt.QUARANTINE}


def test_every_event_state_service_and_reason_has_words() -> None:
    assert set(words.EVENTS) == {event.value for event in Event} | {words.RECEIVED}
    assert set(words.GUIDANCE) == set(State)
    assert set(WORDING) == set(State)
    assert set(words.SERVICES) == set(SERVICES)
    assert set(words.REASONS) == set(words.RELEASES) == REASONS


def test_the_words_of_the_field_are_kept() -> None:
    """As the users gave them (domain: users §4)."""
    assert WORDING["REJECTED"].sentence == "Recusada pela SEFAZ: corrija e reenvie o mesmo número."
    assert WORDING["UNKNOWN"].sentence == "Sem resposta: consultando, não reenvie."
    assert WORDING["HELD"].label == "Parada por segurança"
