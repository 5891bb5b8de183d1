"""Every case of every rule."""

from typing import Final

from tests.models.nfcom.rules import cases_of_items, cases_of_people
from tests.models.nfcom.rules.case import Case

CASES: Final[tuple[Case, ...]] = (*cases_of_people.CASES, *cases_of_items.CASES)
