"""What `zbo` and `resume` share: run a study to its end, note the time, write the report, say what came out."""

import shlex
import time
from typing import TYPE_CHECKING, Any

import typer

from latscape.cli.live import reporting
from latscape.cli.output import number, say, stdout, write_json, write_rows

if TYPE_CHECKING:
    from latscape.studies.zbo import Study

HEAD = ("model", "accuracy", "NMI", "purity", "extracted", "used", "ELBO", "seconds")
FORMS = {"accuracy": ".3f", "nmi": ".3f", "purity": ".3f", "extracted": ".3g"}
FORMS |= {"used_classes": ".3g", "elbo": ".1f", "seconds": ".3g"}


def carry_out(study: "Study", as_json: bool) -> None:
    """Do what is still to do; when stopped, say how to go on and leave with 130."""
    say(f"run {study.folder}")
    begun, before = time.perf_counter(), float(study.record.get("seconds") or 0.0)
    try:
        try:
            with reporting(study) as report:
                study.run(report)
        finally:
            study.record.put("seconds", before + time.perf_counter() - begun)
        from latscape.report import write_report
        from latscape.report.words import poor_families

        for sentence in poor_families(study.record.get("r2")):
            say(f"Note: {sentence}")
        write_report(study)
    except KeyboardInterrupt:
        again = shlex.join(["latscape", "resume", str(study.folder)])
        say(f"Interrupted; all evaluations so far are kept. Go on with: {again}")
        raise typer.Exit(130) from None
    show_study(study, as_json)


def show_study(study: "Study", as_json: bool) -> None:
    """One JSON object, or the headline, the comparison and where the report is."""
    from latscape.report import summary
    from latscape.report.words import TITLES, headline, state

    found = summary(study)
    if as_json:
        write_json(found)
        return
    stdout().print(f"{study.folder.name}, {state(study)}", markup=False, style="bold")
    for sentence in headline(study):
        stdout().print(sentence, markup=False)
    if found["models"]:
        stdout().print()
        rows = [
            [TITLES[key], *(number(scores[name], form) for name, form in FORMS.items())]
            for key, scores in found["models"].items()
        ]
        write_rows(HEAD, rows)
        stdout().print()
    if found["report"]:
        stdout().print(f"report {found['report']}", markup=False, soft_wrap=True)


def show_campaign(name: str, found: dict[str, Any], as_json: bool) -> None:
    """A campaign somebody ran on a space and an evaluator of their own."""
    if as_json:
        write_json(found)
        return
    stdout().print(f"{name}, {found['state']}", markup=False, style="bold")
    best = (
        f"best {number(found['best_value'])} at {found['best_point']}"
        if found["best_value"] is not None
        else "no value"
    )
    stdout().print(f"{found['evaluations']} evaluations, {found['failed']} failed; {best}", markup=False)
