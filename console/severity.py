"""Severities have free names; the common ones have a colour. The name itself always stands beside it."""

_COLOURED = frozenset(
    {"blue", "yellow", "orange", "red", "minor", "moderate", "severe", "extreme", "warning", "critical"}
)


def severity_class(severity: str) -> str:
    """The style sheet's class for a severity; another name than the common ones gets the neutral one."""
    return f"sev-{severity if severity in _COLOURED else 'plain'}"
