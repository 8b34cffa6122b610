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
from latscape.cli import commands, data, rescalarize
from latscape.cli.output import OUT_OF_PIPE, say, silence, stdout, write, write_json
from latscape.cli.running import typed_words
from latscape.cli.specs import command_of
from latscape.errors import LatscapeError
from latscape.runs.kind import RunKind, run_kinds

ABOUT = "Latent landscapes: learn from images and spectra, decide what to train, simulate or measure next."
STUDY = "Carry out a study: its data, models and figures. Without a name, list the studies."
SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"]}
COMMANDS = (commands.resume, commands.runs, commands.show, commands.report, rescalarize.rescalarize, commands.parts)
#: Options that commands of version 0.1.0 had, and what says the same now.
GONE = {"set": "--NAME VALUE, as every setting is an option now", "settings": "--help"}


def application(words: Sequence[str]) -> typer.Typer:
    """All commands; of the kinds of run, the one that is asked for with its options, so that help answers at once."""
    completing = "_LATSCAPE_COMPLETE" in os.environ
    app = typer.Typer(name="latscape", help=ABOUT, pretty_exceptions_enable=False, rich_markup_mode="rich")
    app.info.context_settings = SETTINGS
    study = typer.Typer(help=STUDY, rich_markup_mode="rich")
    for word, kind in _commands().items():
        asked = word in words[:2] or completing
        place = app if kind.command else study
        place.command(word, context_settings=SETTINGS)(command_of(kind, asked))
    app.add_typer(study, name="study", invoke_without_command=True, callback=_list_studies)
    for command in COMMANDS:
        app.command(context_settings=SETTINGS)(command)
    app.add_typer(data.data, name="data")
    app.callback()(_options)
    return app


def _commands() -> dict[str, RunKind]:
    return {word: kind for word, kind in run_kinds().items() if not kind.hidden}


def _list_studies(context: typer.Context, as_json: commands.Json = False) -> None:
    """Carry out a study: its data, models and figures. Without a name, list the studies."""
    if context.invoked_subcommand is not None:
        return
    listed = {word: kind.about for word, kind in _commands().items() if not kind.command}
    if as_json:
        write_json({"studies": listed})
        return
    for word, about in listed.items():
        stdout().print(f"{word:24s} {about}", markup=False, soft_wrap=True)


def _print_version(asked: bool) -> None:
    if asked:
        write(f"latscape {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Latent landscapes: learn from images and spectra, decide what to train, simulate or measure next."""


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
    typed_words.set(words)
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
        code = application(words)(args=words, prog_name="latscape", standalone_mode=False)
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
    kind = run_kinds().get(command.rpartition(" ")[2])
    option = (getattr(error, "option_name", None) or "").lstrip("-").replace("-", "_")
    if option in GONE:
        say(f"Error: Expected {GONE[option]}. Got --{option}. Try '{command} --help'.")
    elif option and kind is not None:
        from latscape.options import unknown

        say(f"Error: {unknown(kind.spec, option)}")
    else:
        say(f"Error: {error.format_message().rstrip('.')}. Try '{command} --help'.")
    return 2


def _fault(error: Exception) -> int:
    if os.environ.get("LATSCAPE_DEBUG"):
        raise error
    text = " ".join(str(error).split())
    say(f"Fault: {type(error).__name__}: {text}. This is ours, not yours. LATSCAPE_DEBUG=1 shows where.")
    return 1
