"""Rules and faults: what a rule finds is told in its own words, and a place can be seen from outside."""

from collections.abc import Iterator

from zelo.fiscal.fault import Fault, Found, Rule


def _letters(subject: str) -> Iterator[Found]:
    return ((f"[{place}]", letter) for place, letter in enumerate(subject) if letter.isalpha())


RULE: Rule[str] = Rule("R-1", "539", "Há letra.", "Retire a letra.", "ninguém", "123", "1a3", _letters)


def test_every_finding_becomes_a_fault_in_the_words_of_the_rule() -> None:
    assert RULE.faults("1a2b") == [
        Fault("R-1", "Há letra.", "Retire a letra.", "[1]", "a", "539"),
        Fault("R-1", "Há letra.", "Retire a letra.", "[3]", "b", "539"),
    ]
    assert RULE.faults(RULE.good) == []
    assert RULE.faults(RULE.bad) != []


def test_a_fault_seen_from_outside_keeps_all_but_its_place() -> None:
    fault = Fault("R-1", "Há letra.", "Retire.", "[1]", "a", "539")
    assert fault.at("nome") == Fault("R-1", "Há letra.", "Retire.", "nome[1]", "a", "539")
    assert fault.at("nome").at("linha 3: ").where == "linha 3: nome[1]"
    assert fault.where == "[1]"
