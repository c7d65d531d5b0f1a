"""Names in plain letters: how Latin letters with marks, and other alphabets, are written in an address.

Invariant: the form depends on the text alone; what no table here can write is left out, and nothing is guessed.

Cyrillic as in ICAO Doc 9303-3, section 6.B, with the Ukrainian and Macedonian letters; Greek as in ELOT 743; Georgian
as in the national system of 2002; Armenian after BGN/PCGN 1981; Korean syllables by their Unicode names, which
are Revised Romanization. Writing without vowels (Arabic, Hebrew) and Chinese
characters cannot be read letter by letter.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST_PART: Final = 28
"""Two of them, a dot and seven digits make 64 characters: the limit of mailNickname and of a UPN's local part
(https://learn.microsoft.com/graph/api/resources/user)."""

_OUTSIDE: Final = re.compile(r"[^a-z0-9]+")
# Letters that Unicode does not decompose into a Latin letter and an accent.
_LATIN: Final = {
    "æ": "ae", "ð": "d", "đ": "d", "ə": "e", "ħ": "h", "ı": "i", "ł": "l", "ŋ": "n", "ø": "o", "œ": "oe", "ß": "ss",
    "þ": "th", "ŧ": "t",
}  # fmt: skip


def _alphabet(letters: str, spellings: str) -> dict[str, str]:
    return dict(zip(letters.split(), (s.strip("-") for s in spellings.split()), strict=True))


_CYRILLIC: Final = _alphabet(
    "а б в г д е ё ж з и й к л м н о п р с т у ф х ц ч ш щ ъ ы ь э ю я і ї є ґ ј љ њ џ ѓ ќ ѕ ђ ћ ў",
    "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y - e iu ia i i ie g j lj nj dz g k dz d c u",
)
_GREEK: Final = _alphabet(
    "α β γ δ ε ζ η θ ι κ λ μ ν ξ ο π ρ σ ς τ υ φ χ ψ ω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o"
)
_GEORGIAN: Final = _alphabet(
    "ა ბ გ დ ე ვ ზ თ ი კ ლ მ ნ ო პ ჟ რ ს ტ უ ფ ქ ღ ყ შ ჩ ც ძ წ ჭ ხ ჯ ჰ",
    "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h",
)
_ARMENIAN: Final = _alphabet(
    "ա բ գ դ ե զ է ը թ ժ ի լ խ ծ կ հ ձ ղ ճ մ յ ն շ ո չ պ ջ ռ ս վ տ ր ց ւ փ ք օ ֆ և",
    "a b g d e z e y t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts w p k o f ev",
)
_SPELT: Final = str.maketrans(_LATIN | _CYRILLIC | _GREEK | _GEORGIAN | _ARMENIAN)
_HANGUL: Final = re.compile("[가-힣]")
_SYLLABLE: Final = len("HANGUL SYLLABLE ")


def fold(name: str) -> str:
    """The name as lower-case letters and digits of ASCII, at most 28; ``x`` when nothing of it is left."""
    # Composed first: a letter with its own spelling, such as Cyrillic short I, is one character then.
    lowered = unicodedata.normalize("NFC", name.lower())
    plain = _HANGUL.sub(lambda found: unicodedata.name(found[0])[_SYLLABLE:].lower(), lowered)
    bare = unicodedata.normalize("NFKD", plain.translate(_SPELT)).translate(_SPELT)
    return _OUTSIDE.sub("", bare)[:LONGEST_PART] or "x"
