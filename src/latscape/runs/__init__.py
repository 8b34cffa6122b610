"""A run: a specification in a folder, stages that are each done once, a state, a summary and a page."""

from latscape.runs.kind import RunKind

__all__ = ["RunKind"]
