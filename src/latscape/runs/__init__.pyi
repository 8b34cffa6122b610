from .kind import RunKind, kind_of, kinds
from .page import write_report
from .panels import Panel, axes_panel, on_axes
from .run import Run, once
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
    "kind_of",
    "kinds",
    "on_axes",
    "once",
    "write_report",
]
