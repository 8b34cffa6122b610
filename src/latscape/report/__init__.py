"""What a run found: numbers, figures and one page with all of them. Names load on first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from latscape.report.findings import rank_correlations, summary
    from latscape.report.zbo import write_report

_PUBLIC = {"write_report": "zbo", "summary": "findings", "rank_correlations": "findings"}

__all__ = ["rank_correlations", "summary", "write_report"]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(f"latscape.report.{_PUBLIC[name]}"), name)
    raise AttributeError(f"module 'latscape.report' has no attribute {name!r}")
