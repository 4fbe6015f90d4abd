"""What of a text can be seen: letters that join in other scripts and emoji stay whole, other invisible ones go."""

import re
import unicodedata

JOINED = "\u0590-\u1fff\u2190-\u2bff\u3000-\u303f\ua800-\uabff\ufe0f\U0001f000-\U0001faff"
"""Scripts and emoji in which a joiner, or its opposite, changes what is seen."""
JOINERS = re.compile(f"(?<=[{JOINED}])[\u200c\u200d](?=[{JOINED}])|\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
"""Joiners between such letters, and flags of regions, which are spelled in invisible letters."""
BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc\U0001d159")
"""Letters and symbols without a shape."""


def without_invisible(text: str) -> str:
    """Return a text in one line, without characters that only steer or hide it."""
    line, kept = " ".join(text.split()), []
    joined = {at for found in JOINERS.finditer(line) for at in range(*found.span())}
    for at, letter in enumerate(line):
        if at in joined or letter.isprintable() or "\U0001f000" <= letter <= "\U0001faff":
            kept.append(letter)
    return "".join(kept).strip()


def is_visible(text: str) -> bool:
    """Return whether anything of a text can be seen."""
    return any(unicodedata.category(one)[0] in "LNPS" and one not in BLANK for one in text)
