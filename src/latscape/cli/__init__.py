"""The command line. Nothing heavy is imported before a command runs, so that `latscape --help` answers at once."""

from latscape.cli.app import main

__all__ = ["main"]
