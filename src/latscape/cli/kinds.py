"""What can be done with a run, by what made it: go on, show, report, and its line in the list of all runs."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from latscape.cli.output import stdout, write_json
from latscape.cli.work import carry_out, show_campaign, show_study
from latscape.errors import InputError

if TYPE_CHECKING:
    from latscape.studies.zbo import Study


class Kind(NamedTuple):
    """How each command treats a run in a folder; the flag asks for JSON."""

    resume: Callable[[Path, bool], None]
    show: Callable[[Path, bool], None]
    report: Callable[[Path, bool], None]
    line: Callable[[Path], dict[str, Any]]


def kind(folder: Path) -> Kind:
    """That of the run in a folder."""
    from latscape.studies.run import kind_of

    return KINDS[kind_of(folder)]


def _study(folder: Path, readonly: bool = True) -> "Study":
    from latscape.studies.zbo import Study

    return Study.open(folder, readonly=readonly)


def _resume_study(folder: Path, as_json: bool) -> None:
    carry_out(_study(folder, readonly=False), as_json)


def _show_study(folder: Path, as_json: bool) -> None:
    show_study(_study(folder), as_json)


def _report_study(folder: Path, as_json: bool) -> None:
    from latscape.report import summary, write_report

    study = _study(folder)
    _tell(write_report(study), summary(study), as_json)


def _line_study(folder: Path) -> dict[str, Any]:
    from latscape.report.findings import summary
    from latscape.report.words import state

    study = _study(folder)
    found = summary(study)
    kept = {name: found[name] for name in ("finished", "seconds", "evaluations", "failed", "best_value", "report")}
    return {"state": state(study), "accuracy": found["models"].get("zbo", {}).get("accuracy")} | kept


def _show_campaign(folder: Path, as_json: bool) -> None:
    from latscape.report.findings import campaign_summary

    show_campaign(folder.name, campaign_summary(folder), as_json)


def _line_campaign(folder: Path) -> dict[str, Any]:
    from latscape.report.findings import campaign_summary

    return campaign_summary(folder)


def _resume_fit(folder: Path, as_json: bool) -> None:
    from latscape.studies.fitting import Fit

    command = Fit.open(folder).result["command"] or "`latscape fit` with its options"
    raise InputError("a run that can go on", "a fit, which is done", f"it again: {command}")


def _show_fit(folder: Path, as_json: bool) -> None:
    from latscape.cli.fit import show_fit
    from latscape.studies.fitting import Fit

    show_fit(Fit.open(folder), as_json)


def _report_fit(folder: Path, as_json: bool) -> None:
    from latscape.report.fits import fit_summary, write_fit_report
    from latscape.studies.fitting import Fit

    fit = Fit.open(folder)
    _tell(write_fit_report(fit), fit_summary(fit), as_json)


def _line_fit(folder: Path) -> dict[str, Any]:
    from latscape.studies.fitting import Fit

    fit = Fit.open(folder)
    scores, model = fit.result["scores"], fit.result["options"]["model"]
    state = f"fit of {model}" + (f", {fit.classes} classes" if fit.classes else "")
    return {"state": state, "best_value": None, "elbo": scores["elbo"], "accuracy": scores.get("accuracy")}


def _resume_classes(folder: Path, as_json: bool) -> None:
    from latscape.cli.classes import go_on
    from latscape.studies.classes import Classes

    go_on(Classes.open(folder), as_json)


def _show_classes(folder: Path, as_json: bool) -> None:
    from latscape.cli.classes import show_classes
    from latscape.studies.classes import Classes

    show_classes(Classes.open(folder), as_json)


def _report_classes(folder: Path, as_json: bool) -> None:
    from latscape.report.choices import classes_summary, write_classes_report
    from latscape.studies.classes import Classes

    study = Classes.open(folder)
    _tell(write_classes_report(study), classes_summary(study), as_json)


def _line_classes(folder: Path) -> dict[str, Any]:
    from latscape.report.choices import classes_state
    from latscape.studies.classes import Classes

    study = Classes.open(folder)
    state = f"2 to {study.result['up_to']} classes, {classes_state(study)}"
    return {"state": state, "best_value": None, "accuracy": None, "finished": study.finished}


def _resume_named(folder: Path, as_json: bool) -> None:
    from latscape.cli.study import carry_out_study
    from latscape.studies.study import NamedStudy

    carry_out_study(NamedStudy.open(folder), as_json)


def _show_named(folder: Path, as_json: bool) -> None:
    from latscape.cli.study import show_named_study
    from latscape.studies.study import NamedStudy

    show_named_study(NamedStudy.open(folder), as_json)


def _report_named(folder: Path, as_json: bool) -> None:
    from latscape.report.study import study_summary, write_study_report
    from latscape.studies.study import NamedStudy

    study = NamedStudy.open(folder)
    _tell(write_study_report(study), study_summary(study), as_json)


def _line_named(folder: Path) -> dict[str, Any]:
    from latscape.report.study import study_state
    from latscape.studies.study import NamedStudy

    study = NamedStudy.open(folder)
    state = f"{study.name}, {study_state(study)}"
    return {"state": state, "best_value": None, "accuracy": None, "finished": study.finished}


def _resume_explore(folder: Path, as_json: bool) -> None:
    from latscape.cli.explore import carry_out_exploration
    from latscape.studies.explore import Exploration

    carry_out_exploration(Exploration.open(folder, readonly=False), as_json)


def _show_explore(folder: Path, as_json: bool) -> None:
    from latscape.cli.explore import show_exploration
    from latscape.studies.explore import Exploration

    show_exploration(Exploration.open(folder), as_json)


def _report_explore(folder: Path, as_json: bool) -> None:
    from latscape.report.explore import explore_summary, write_explore_report
    from latscape.studies.explore import Exploration

    run = Exploration.open(folder)
    _tell(write_explore_report(run), explore_summary(run), as_json)


def _line_explore(folder: Path) -> dict[str, Any]:
    from latscape.report.explore import explore_summary
    from latscape.studies.explore import Exploration

    found = explore_summary(Exploration.open(folder))
    state = f"experiment, {found['evaluations']} measured" + (", unfinished" if not found["finished"] else "")
    return {"state": state, "best_value": found["best_value"], "accuracy": None, "finished": found["finished"]}


def _tell(page: Path, found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        write_json(found)
    else:
        stdout().print(f"report {page}", markup=False, soft_wrap=True)


KINDS: dict[str, Kind] = {
    "zbo": Kind(_resume_study, _show_study, _report_study, _line_study),
    "campaign": Kind(_resume_study, _show_campaign, _report_study, _line_campaign),  # the first and third refuse it
    "fit": Kind(_resume_fit, _show_fit, _report_fit, _line_fit),
    "classes": Kind(_resume_classes, _show_classes, _report_classes, _line_classes),
    "explore": Kind(_resume_explore, _show_explore, _report_explore, _line_explore),
    "study": Kind(_resume_named, _show_named, _report_named, _line_named),
}
