"""Who owns which account and which user of the target, and what HR says about them.

Invariant: a person has one number for life; accounts and target users come and go and lead back to it.
"""

from __future__ import annotations

from collections.abc import Callable

from mockservices.graph.directory import Directory
from mockservices.scim.provider import ServiceProvider
from mockservices.values import folded
from sim.access.policy import Facts
from sim.population import StartingPeople


class Register:
    """People by number, by account row, by target row and by the name a scenario gives them."""

    def __init__(self, start: StartingPeople | None) -> None:
        self._start = start
        self._size = start.size if start is not None else 0
        self._next = len(start.people) if start is not None else 0
        self._facts: dict[int, Facts] = {}
        self._by_account: dict[int, int] = {}
        self._by_target: dict[int, int] = {}
        self._by_upn: dict[str, int] = {}
        self.hr_numbers: dict[int, None] = {}
        """People outside the generated workforce about whom HR has the word."""
        self.names: dict[str, int] = {}
        """What scenarios call people."""
        self.contract_ends: dict[int, int] = {}
        """When contracts end that a scenario's own words set or extended."""
        self.disabled_at: dict[int, int] = {}
        """When accounts were disabled that a scenario says were so before its start."""
        self.labels: dict[int, str] = {}
        """userPrincipalName, or for users that belong to nobody their userName, of people with a record."""

    def new_person(self, *, hr: bool) -> int:
        """The next number."""
        number = self._next
        self._next += 1
        if hr:
            self.hr_numbers[number] = None
        return number

    def is_hr(self, number: int) -> bool:
        """Whether HR has the word about a person."""
        return number in self.hr_numbers or (self._start is not None and number < len(self._start.people))

    # --- facts -------------------------------------------------------------------------------------------

    def facts(self, number: int) -> Facts:
        """What HR says about a person now; KeyError for somebody whom HR does not know."""
        facts = self._facts.get(number)
        if facts is None:
            if self._start is None or number >= len(self._start.people):
                raise KeyError(number)
            facts = self._start.facts(number)
        return facts

    def set_facts(self, number: int, facts: Facts) -> None:
        """HR says something new."""
        self._facts[number] = facts

    # --- accounts ----------------------------------------------------------------------------------------

    def own_account(self, row: int, number: int) -> None:
        """An account belongs to a person."""
        self._by_account[row] = number

    def disown_account(self, row: int) -> None:
        """An account that was to be made for a person was refused."""
        self._by_account.pop(row, None)

    def account_owner(self, row: int) -> int | None:
        """Whose account it is."""
        number = self._by_account.get(row)
        return number if number is not None or row >= self._size else row

    def note_name(self, upn: str, number: int) -> None:
        """An account of this person bears, or bore, this name."""
        self._by_upn[folded(upn)] = number
        self.labels[number] = upn

    def who_bore(self, upn: str) -> int | None:
        """The person of whom an account was last seen with this name, or who had it at the start."""
        number = self._by_upn.get(upn.lower())
        if number is None and self._start is not None:
            number = self._start.people.row_of_user_principal_name(upn, self._size)
        return number

    # --- users of the target -----------------------------------------------------------------------------

    def own_target(self, row: int, number: int) -> None:
        """A user of the target belongs to a person."""
        self._by_target[row] = number

    def disown_target(self, row: int) -> None:
        """A user of the target that was to be made for a person was refused."""
        self._by_target.pop(row, None)

    def owner_of_target(self, row: int) -> int:
        """Whose user of the target it is; KeyError where nobody has been told."""
        return self._by_target[row]

    def known_owner_of_target(self, row: int) -> int | None:
        """The same, and None where nobody has been told."""
        return self._by_target.get(row)

    def target_owner(
        self, row: int, provider: ServiceProvider, directory: Directory, source_of: Callable[[int], int | None]
    ) -> int:
        """Whose user of the target it is: known, or found by its userName, or a person of its own.

        ``source_of``: for a user that was there at the start, whose it is.
        """
        number = self._by_target.get(row)
        if number is not None:
            return number
        number = source_of(row)
        if number is not None:
            return number
        name = str(provider.user(row).attributes["userName"])
        number = self._by_upn.get(name.lower())
        if number is None:
            account = directory.row_by_upn(name)
            number = self.account_owner(account) if account is not None else None
        if number is None:
            number = self.new_person(hr=False)
            self.labels[number] = name
        self._by_target[row] = number
        return number

    def label(self, number: int) -> str:
        """How a person is called in results: a userPrincipalName, or a userName that belongs to nobody."""
        label = self.labels.get(number)
        if label is None and self._start is not None and number < len(self._start.people):
            label = self._start.people.user_principal_name(number)
        return label or f"person {number}"
