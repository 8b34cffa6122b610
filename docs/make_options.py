"""Writes options.md from what the specifications of all kinds of run declare: `python docs/make_options.py`."""

from pathlib import Path

from latscape.options import table
from latscape.runs.kind import run_kinds

PAGE = Path(__file__).with_name("options.md")
HEAD = """# Options

What may be chosen of each kind of run. A word means the same in every command. Each command also takes `--out FOLDER`,
`--json` (one object as the last line of stdout), `--schema` (the JSON schema of its options) and `-h`; those
with presets take `--preset`.
`latscape parts` lists the words that parts have, with their parameters.
"""


def page() -> str:
    """The whole page."""
    sections = []
    for word, kind in run_kinds().items():
        if not kind.spec.model_fields:
            continue
        command = f"latscape {word}" if kind.command else f"latscape study {word}"
        presets = f" Presets: {', '.join(kind.spec.presets)}." if kind.spec.presets else ""
        about = f"{kind.about[:1].upper()}{kind.about[1:]}.{presets}"
        sections.append(f"## `{command}`\n\n{about}\n\n{table(kind.spec)}\n")
    return "\n".join([HEAD, *sections])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
