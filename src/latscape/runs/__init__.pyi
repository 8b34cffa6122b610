from .kind import RunKind, run_kind
from .page import write_report
from .panels import Panel, axes_panel
from .run import Run
from .stages import Progress, StageResult, Stages
from .story import Section, Story, Table

__all__ = [
    "Panel",
    "Progress",
    "Run",
    "RunKind",
    "Section",
    "StageResult",
    "Stages",
    "Story",
    "Table",
    "axes_panel",
    "run_kind",
    "write_report",
]
