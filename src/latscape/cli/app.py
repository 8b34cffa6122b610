"""The commands together, and how they end.

With 0 when all is well, 2 for what the user can mend, 1 for a fault of ours, 130 when stopped by Ctrl-C or SIGTERM.
"""

import os
import signal
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from latscape import __version__
from latscape.cli import classes, commands, data, explore, fit, study, zbo
from latscape.cli.output import OUT_OF_PIPE, say, silence, write
from latscape.errors import LatscapeError

app = typer.Typer(
    name="latscape",
    help="Latent landscapes: learn from images, and decide what to train next.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for command in (zbo.zbo, fit.fit, classes.classes, study.study, explore.explore, explore.rescalarize):
    app.command()(command)
for command in (commands.resume, commands.runs, commands.show, commands.report):
    app.command()(command)
app.add_typer(data.data, name="data")


def _print_version(asked: bool) -> None:
    if asked:
        write(f"latscape {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Latent landscapes: learn from images, and decide what to train next."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code.

    Parameters
    ----------
    arguments
        Words after `latscape`; default those of the process. None at all asks for help.
    """
    # Let threads wait asleep: where another program shares the cores, spinning ones made training six times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal without Greek letters gets question marks.
            stream.reconfigure(errors="replace")  # pyright: ignore[reportAttributeAccessIssue]
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = _run(words or ["--help"])
    finally:
        signal.signal(signal.SIGTERM, before)
    sys.exit(code)


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def _run(words: list[str]) -> int:
    try:
        code = app(args=words, prog_name="latscape", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except LatscapeError as error:
        say(f"Error: {error}")
        return 2
    except (KeyboardInterrupt, typer.Abort):
        say("Interrupted.")
        return 130
    except BrokenPipeError:
        silence()
        return OUT_OF_PIPE
    except Exception as error:
        return _misused(error) if hasattr(error, "format_message") else _fault(error)


def _misused(error: Any) -> int:
    """An unknown option or a missing argument: errors of click, of which typer may bring a private copy."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "latscape"
    say(f"Error: {error.format_message().rstrip('.')}. Try '{command} --help'.")
    return 2


def _fault(error: Exception) -> int:
    if os.environ.get("LATSCAPE_DEBUG"):
        raise error
    text = " ".join(str(error).split())
    say(f"Fault: {type(error).__name__}: {text}. This is ours, not yours. LATSCAPE_DEBUG=1 shows where.")
    return 1
