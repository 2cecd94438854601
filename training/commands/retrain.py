"""The verb that trains on what people label while the service runs."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from training.commands.options import FILE, labels_option, model_option, say

if TYPE_CHECKING:
    from training.gate import Verdict


@click.command("retrain")
@click.argument("export", type=FILE, required=False)
@click.option("--project", type=click.IntRange(1), help="Fetch this project of Label Studio's, job or no job.")
@click.option("--gold", type=FILE, help="Held-out labelled paragraphs to judge on.  [default: real ones out of fold]")
@click.option(
    "--jobs",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="ASN_THEMES_JOBS",
    default="jobs",
    show_default=True,
    help="Folder of jobs and of all that retraining makes.",
)
@labels_option
@model_option
def retrain(
    export: Path | None, project: int | None, gold: Path | None, jobs: Path, labels_folder: Path, model: Path
) -> None:
    """Train a candidate on new annotations, and publish it where it is better than the model at work.

    Annotations come from an EXPORT of a labelling tool, from a --project of Label Studio's, or else from the project
    of the oldest job that someone started there.  Label Studio's address and token are taken from
    ASN_THEMES_LABEL_STUDIO_URL and ASN_THEMES_LABEL_STUDIO_TOKEN.  The labels folder is read and left as it is.

    A candidate that is not better stays in JOBS/candidate.npz, and the exit code is 3.

    \b
    Examples:
      asn-themes labels retrain
      asn-themes labels retrain project-1.json --gold held_out.jsonl
    """
    from classifier.errors import AsnThemesError
    from classifier.files import publish
    from training.jobs import take
    from training.labelstudio import LabelStudio
    from training.retrain import Workshop, name_of

    if export and project:
        raise click.UsageError("name an EXPORT or a --project, not both")
    workshop = Workshop(jobs, labels_folder, model, gold, say)
    with workshop.opened():
        if export:
            _tell(workshop.retrain(export, export.stem))
            return
        # Asked for first: without them, a job has to wait and not be used up.
        studio = LabelStudio.from_environment()
        job = None if project else take(jobs)
        number = project or (job.project if job else None)
        if number is None:
            say(f"no job in {jobs}: nothing to do")
            return
        try:
            path = jobs / f"project-{number}.export"
            say(f"fetching the annotations of project {number}")
            publish(studio.export(number), path)
            verdict = workshop.retrain(path, name_of(number))
        except AsnThemesError:
            # It is tried once: what stands in its way would stand in that of all others.
            if job:
                job.done()
            raise
        if job:
            job.done()
        _tell(verdict)


def _tell(verdict: "Verdict") -> None:
    from classifier.errors import InputRejectedError
    from training.compare import render

    click.echo(render(verdict.trusted))
    if verdict.reasons:
        raise InputRejectedError(f"input: the candidate is not published: {'; '.join(verdict.reasons)}")
