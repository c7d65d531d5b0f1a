"""What can go wrong in a way that a user can mend: one base class, one subclass per reaction.

Invariant: the message is one sentence for a person (what is wrong, where, what is allowed), and the class carries the
exit code; anything that is not a `JmlabError` is a fault of the program.
"""

from __future__ import annotations


class JmlabError(Exception):
    """Wrong usage or a bad scenario: exit code 2."""

    exit_code = 2


class UnreachableError(JmlabError):
    """A service or a scheduler could not be reached: exit code 3."""

    exit_code = 3


class JournalError(JmlabError):
    """A journal is damaged, of another version, or differs from what its replay derives: exit code 4."""

    exit_code = 4
