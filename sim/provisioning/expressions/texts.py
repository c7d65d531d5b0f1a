"""Functions on text: Append, Join, Left, Mid, PCase, Word, letter case, diacritics, and encodings.

Invariant: a null source gives null, except where Microsoft documents otherwise (Left and Word give empty text, Join
leaves it out, InStr finds nothing). Length and place count characters from 1, and no culture but the named one matters.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from typing import Final

from sim.provisioning.expressions.catalogue import Arguments, Function, Parameter, eager
from sim.provisioning.expressions.errors import ExpressionError
from sim.provisioning.expressions.tree import Constant
from sim.provisioning.expressions.values import (
    Code,
    Context,
    Source,
    Value,
    is_empty,
    needed_number,
    number_of,
    text_of,
)

_LONGEST: Final = 100_000
"""Characters of a result. Nested Joins could double a text fifty times over."""


def _short(text: str) -> str:
    if len(text) > _LONGEST:
        raise ExpressionError(f"the result has more than {_LONGEST} characters")
    return text


def _append(given: Value, suffix: Value) -> Value:
    text = text_of(given)
    return None if text is None else _short(text + (text_of(suffix) or ""))


def _bit_and(one: Value, other: Value) -> Value:
    numbers = number_of(one, "value1"), number_of(other, "value2")
    return None if numbers[0] is None or numbers[1] is None else numbers[0] & numbers[1]


def _base64(given: Value) -> Value:
    text = text_of(given)
    return None if text is None else b64encode(text.encode("utf-16-le", "surrogatepass")).decode()


def _utf8_hex(given: Value) -> Value:
    text = text_of(given)
    return None if text is None else text.encode("utf-8", "surrogatepass").hex().upper()


def _in_str(given: Value, sought: Value, start: Value, how: Value) -> Value:
    text, part = text_of(given), text_of(sought)
    if text is None or part is None:
        return 0
    first = number_of(start, "start")
    if first is not None and first < 1:
        raise ExpressionError(f"start counts characters from 1, it cannot be {first}")
    if how == "vbTextCompare":
        text, part = lower(text), lower(part)
    return text.find(part, (first or 1) - 1) + 1


def _join(arguments: Arguments) -> Code:
    """Empty parts leave no separator behind: Join(", ", "", [surname], [givenName]) is "Doe, John"."""
    separate, *rest = arguments.codes
    parts = tuple(code for code in rest if code is not None)
    name, position = arguments.call.name, arguments.call.position
    first = arguments.nodes[0]
    fixed = str(first.value) if isinstance(first, Constant) else None

    def run(source: Source, context: Context) -> Value:
        texts: list[str] = []
        for part in parts:
            given = part(source, context)
            if given.__class__ is str:
                if given:
                    texts.append(given)
            elif isinstance(given, tuple):
                texts.extend(one for one in given if one)
            elif given is not None:
                texts.append(str(given))
        try:
            if fixed is None:
                between = text_of(separate(source, context)) if separate is not None else None
                return _short((between or "").join(texts))
            return _short(fixed.join(texts))
        except ExpressionError as error:
            raise error.within(name, position) from None

    return run


def _left(given: Value, amount: Value) -> Value:
    text, count = text_of(given), number_of(amount, "NumChars")
    if text is None or not count:
        return ""
    return text if count < 0 else text[:count]


def _mid(given: Value, start: Value, length: Value) -> Value:
    text = text_of(given)
    if text is None:
        return None
    first, count = needed_number(start, "start"), needed_number(length, "length")
    if first < 1:
        raise ExpressionError(f"start counts characters from 1, it cannot be {first}")
    if count < 0:
        raise ExpressionError(f"length cannot be {count}")
    return text[first - 1 : first - 1 + count]


_LETTERS: Final = {
    "æ": "ae", "Æ": "AE", "ø": "oe", "Ø": "OE", "œ": "oe", "Œ": "OE", "ß": "ss", "ł": "l", "Ł": "L", "ı": "i",
}  # fmt: skip
"""Letters that are no base letter with a mark, from Microsoft's table."""


def without_diacritics(text: str) -> str:
    """Latin letters without their marks. Microsoft's table lists the usual ones; all others lose theirs likewise."""
    if text.isascii():
        return text
    result: list[str] = []
    latin = False
    for character in unicodedata.normalize("NFC", text):
        base = unicodedata.normalize("NFD", character)[0]
        if base in _LETTERS:
            result.append(_LETTERS[base])
            latin = True
        elif "a" <= base.lower() <= "z":
            result.append(base)
            latin = True
        elif not (latin and unicodedata.category(character) == "Mn"):
            result.append(character)
            latin = False
    return "".join(result)


def _normalize_diacritics(given: Value) -> Value:
    text = text_of(given)
    return None if text is None else without_diacritics(text)


_SEPARATING: Final = frozenset(
    {"Zs", "Zl", "Zp", "Cc", "Cf", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So"}
)


def _p_case(given: Value, separators: Value) -> Value:
    """Without separators as .NET's ToTitleCase: an apostrophe inside a word does not start a new one.
    https://learn.microsoft.com/dotnet/api/system.globalization.textinfo.totitlecase"""
    text = text_of(given)
    if text is None:
        return None
    own = text_of(separators) or ""
    result: list[str] = []
    inside = False
    for character in text:
        if own:
            separates = character in own
        else:
            separates = unicodedata.category(character) in _SEPARATING and not (inside and character == "'")
        result.append(lower(character) if inside or separates else upper(character))
        inside = not separates
    return "".join(result)


def upper(text: str) -> str:
    """As .NET's ToUpperInvariant: character by character, so that no text becomes longer (ß stays)."""
    if text.isascii():
        return text.upper()
    return "".join(new if len(new := character.upper()) == 1 else character for character in text)


def lower(text: str) -> str:
    """As .NET's ToLowerInvariant."""
    if text.isascii():
        return text.lower()
    return "".join(new if len(new := character.lower()) == 1 else character for character in text)


_CULTURE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _dotted(culture: Value) -> bool:
    """Whether the culture tells the dotted from the dotless i, as Turkish and Azerbaijani do."""
    name = text_of(culture)
    if not name:
        return False
    if _CULTURE.fullmatch(name) is None:
        raise ExpressionError(f"a culture is written like en-US or tr-TR, not '{name}'")
    return name.split("-")[0].lower() in ("tr", "az")


def _to_lower(given: Value, culture: Value) -> Value:
    text = text_of(given)
    dotted = _dotted(culture)
    if text is None:
        return None
    return lower(text.replace("I", "ı").replace("İ", "i")) if dotted else lower(text)


def _to_upper(given: Value, culture: Value) -> Value:
    text = text_of(given)
    dotted = _dotted(culture)
    if text is None:
        return None
    return upper(text.replace("i", "İ")) if dotted else upper(text)


def _redact(given: Value) -> Value:
    return given


def _strip_spaces(given: Value) -> Value:
    text = text_of(given)
    return None if text is None else text.replace(" ", "")


def _word(given: Value, number: Value, delimiters: Value) -> Value:
    text, wanted, between = text_of(given), number_of(number, "WordNumber"), text_of(delimiters)
    if text is None or wanted is None or wanted < 1:
        return ""
    words = re.split(f"[{re.escape(between)}]", text) if between else [text]
    found = [word for word in words if not is_empty(word)]
    return found[wanted - 1] if wanted <= len(found) else ""


_SOURCE: Final = Parameter("source")
_CULTURED: Final = (_SOURCE, Parameter("culture", required=False))

FUNCTIONS: Final = (
    Function("Append", (_SOURCE, Parameter("suffix")), "The source with the suffix behind it.", eager(_append)),
    Function(
        "BitAnd",
        (Parameter("value1", "Integer"), Parameter("value2", "Integer")),
        "The bits that are set in both numbers.",
        eager(_bit_and),
    ),
    Function("ConvertToBase64", (_SOURCE,), "Base64 of the text in UTF-16, little-endian.", eager(_base64)),
    Function("ConvertToUTF8Hex", (_SOURCE,), "The text's UTF-8 bytes in upper-case hexadecimal.", eager(_utf8_hex)),
    Function("CStr", (Parameter("value"),), "The value as text.", eager(text_of)),
    Function(
        "InStr",
        (
            Parameter("value1"),
            Parameter("value2"),
            Parameter("start", "Integer", required=False),
            Parameter("compareType", required=False, keywords=("vbTextCompare", "vbBinaryCompare")),
        ),
        "Where value2 first occurs in value1, counted from 1; 0 when it does not.",
        eager(_in_str),
    ),
    Function(
        "Join",
        (Parameter("separator"), Parameter("source", repeats=True)),
        "All values, also those of multi-valued attributes, with the separator between them; empty ones are left out.",
        _join,
        least=2,
    ),
    Function(
        "Left", (Parameter("String"), Parameter("NumChars", "Integer")), "The first characters of a text.", eager(_left)
    ),
    Function(
        "Mid",
        (_SOURCE, Parameter("start", "Integer"), Parameter("length", "Integer")),
        "So many characters from a place on, counted from 1.",
        eager(_mid),
    ),
    Function("NormalizeDiacritics", (_SOURCE,), "The text with plain Latin letters.", eager(_normalize_diacritics)),
    Function(
        "PCase",
        (_SOURCE, Parameter("wordSeparators", required=False)),
        "Each word with a capital at its start and small letters after it.",
        eager(_p_case),
    ),
    Function("Redact", (Parameter("attribute/value"),), "The value itself; logs show [Redact] for it.", eager(_redact)),
    Function("StripSpaces", (_SOURCE,), "The text without its spaces.", eager(_strip_spaces)),
    Function("ToLower", _CULTURED, "The text in small letters.", eager(_to_lower)),
    Function("ToUpper", _CULTURED, "The text in capitals.", eager(_to_upper)),
    Function(
        "Word",
        (Parameter("String"), Parameter("WordNumber", "Integer"), Parameter("delimiters")),
        "One word of a text, counted from 1; empty text when there are not so many.",
        eager(_word),
    ),
)
