"""Text from outside, fit for a terminal."""


def plain(text: str, longest: int = 500) -> str:
    """`text` on one line, its control, escape and direction characters written out, cut at `longest`.

    >>> plain("red\\x1b[2J\\nalert")
    'red\\\\x1b[2J\\\\nalert'
    """
    cut = text[:longest] + ("…" if len(text) > longest else "")
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in cut)
