"""Chance in expressions: Guid and RandomString, and the draws that they take from the context.

Invariant: what is drawn follows from the key and the number of draws before it, so that a replay draws the same.
Whoever makes the key decides what repeats: with the object, the target attribute and the time in it, an object gets
another GUID at each evaluation, as with Entra; without the time it keeps its GUID.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from itertools import count
from typing import Final

from sim.provisioning.expressions.catalogue import Arguments, Function, Parameter
from sim.provisioning.expressions.errors import ExpressionError
from sim.provisioning.expressions.values import Code, Context, Source, Value, needed_number, text_of


def keyed_draws(*key: object) -> Callable[[int], int]:
    """What `Context.draw` needs: draw(n) gives whole numbers from 0 to n - 1 that depend on the key and their order."""
    prefix = "\0".join(str(part) for part in key).encode()
    numbers = count()

    def draw(below: int) -> int:
        # Rejection keeps every number equally likely; 64 bits make it all but never happen.
        limit = (1 << 64) - (1 << 64) % below
        while True:
            digest = blake2b(prefix + next(numbers).to_bytes(8, "little"), digest_size=8).digest()
            number = int.from_bytes(digest, "little")
            if number < limit:
                return number % below

    return draw


def _guid(arguments: Arguments) -> Code:
    del arguments

    def run(source: Source, context: Context) -> Value:
        del source
        high, low = context.draw(1 << 64), context.draw(1 << 64)
        digits = f"{high:016x}{low:016x}"
        variant = "89ab"[low >> 62]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    return run


DIGITS: Final = "0123456789"
SPECIAL: Final = "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/"
"""https://learn.microsoft.com/windows/security/threat-protection/security-policy-settings/password-must-meet-complexity-requirements"""
CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SMALL: Final = "abcdefghijklmnopqrstuvwxyz"
LONGEST: Final = 256

_NAMES: Final = ("MinimumNumbers", "MinimumSpecialCharacters", "MinimumCapital", "MinimumLowerCase")


def random_string(draw: Callable[[int], int], length: int, minima: tuple[int, ...], avoided: str) -> str:
    """A text with at least so many digits, special characters, capitals and small letters; what is left over comes
    from the kinds that were asked for, or from all when none was. Raises ExpressionError for what cannot be."""
    if not 1 <= length <= LONGEST:
        raise ExpressionError(f"Length is 1 to {LONGEST}, not {length}")
    for name, least in zip(_NAMES, minima, strict=True):
        if least < 0:
            raise ExpressionError(f"{name} is 0 or more, not {least}")
    if sum(minima) > length:
        raise ExpressionError(f"the minima add up to {sum(minima)}, more than the Length of {length}")
    kinds = [
        "".join(character for character in kind if character not in avoided)
        for kind in (DIGITS, SPECIAL, CAPITALS, SMALL)
    ]
    for kind, name, least in zip(kinds, _NAMES, minima, strict=True):
        if least and not kind:
            raise ExpressionError(f"CharactersToAvoid leaves nothing to choose for {name}")
    chosen = [kind[draw(len(kind))] for kind, least in zip(kinds, minima, strict=True) for _ in range(least)]
    rest = "".join(kind for kind, least in zip(kinds, minima, strict=True) if least or not any(minima))
    if len(chosen) < length and not rest:
        raise ExpressionError("CharactersToAvoid leaves nothing to choose")
    chosen += [rest[draw(len(rest))] for _ in range(length - len(chosen))]
    for last in range(length - 1, 0, -1):
        other = draw(last + 1)
        chosen[last], chosen[other] = chosen[other], chosen[last]
    return "".join(chosen)


def _random_string(arguments: Arguments) -> Code:
    codes = arguments.codes
    name, position = arguments.call.name, arguments.call.position

    def run(source: Source, context: Context) -> Value:
        given = [code(source, context) if code is not None else None for code in codes]
        try:
            length, *minima = (needed_number(one, what) for one, what in zip(given, ("Length", *_NAMES), strict=False))
            return random_string(context.draw, length, tuple(minima), text_of(given[5]) or "")
        except ExpressionError as error:
            raise error.within(name, position) from None

    return run


FUNCTIONS: Final = (
    Function("Guid", (), "A new GUID.", _guid),
    Function(
        "RandomString",
        (
            Parameter("Length", "Integer"),
            *(Parameter(name, "Integer") for name in _NAMES),
            Parameter("CharactersToAvoid", required=False),
        ),
        "Random characters, with at least so many of each kind.",
        _random_string,
    ),
)
