"""Whoever meets a Portuguese word in the code finds it in the glossary."""

import re

from tests.docs.words import ROOT, english, split, words_in_use
from zelo.fiscal.uf import Uf

ROW = re.compile(r"^\| (`[^|]+) \| ([^|]+) \|$", re.MULTILINE)


def _glossary() -> list[list[str]]:
    """The words of each row."""
    text = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    return [re.findall(r"`(\w+)`", cell) for cell, _ in ROW.findall(text)]


def _words() -> list[str]:
    return [word for row in _glossary() for word in row]


def _singulars(word: str) -> set[str]:
    return {word, word.removesuffix("s")}


def test_every_portuguese_word_of_a_name_is_explained() -> None:
    explained = {*english(), *_words(), *(uf.name.lower() for uf in Uf)}
    unknown = {word: str(file) for word, file in words_in_use().items() if not _singulars(word) & explained}
    assert not unknown, "explain it in docs/glossary.md, or add it to tests/docs/english.txt if it is English"


def test_the_glossary_is_in_order_and_says_nothing_twice() -> None:
    rows = _glossary()
    assert len(rows) > 50
    assert rows == sorted(rows)
    assert len(_words()) == len(set(_words()))


def test_every_word_of_the_glossary_is_in_use() -> None:
    assert not set(_words()) - set(words_in_use()), "nobody says this word any more"


def test_an_unknown_word_would_be_noticed() -> None:
    assert split("QuantidadeDeNotas") - english() == {"quantidade", "notas"}
