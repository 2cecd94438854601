"""The command line: `asn-themes`, one verb a task."""

import os
import select
import signal
import sys
from typing import Any

import click

from classifier.errors import AsnThemesError
from training.commands.archives import drift, score, trends
from training.commands.feedback import erase, feedback
from training.commands.labels import labels, new
from training.commands.models import card, compare, evaluate, explain, terms, train
from training.commands.options import OUTPUT


class _Command(click.Group):
    """Renders the project's errors: one line on stderr and the exit code of the kind."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AsnThemesError as err:
            click.echo(f"error[{err.slug}]: {err}", err=True)
            sys.exit(err.exit_code)
        except BrokenPipeError:
            if not _is_unread(sys.stdout.fileno()):
                raise
            # Nothing more is said, neither now nor when Python flushes at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(128 + signal.SIGPIPE)


def _is_unread(descriptor: int) -> bool:
    """Say whether nobody is left at the other end of a pipe."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


@click.group(cls=_Command)
@click.version_option(package_name="asn-themes")
def main() -> None:
    """Themes of the Indonesian civil service in news: train, serve, score.

    \b
    Examples:
      asn-themes train                         labels/ -> model.npz
      asn-themes serve --port 8000             then POST an article to /classify
      asn-themes score in.jsonl -o out.jsonl   score an archive
    """


@main.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.  [default: 8000]")
@click.option("--workers", type=click.IntRange(1), help="Worker processes.  [default: 2]")
@click.option("--model", type=OUTPUT, help="Model file.  [default: model.npz]")
@click.option("--prior", help="How common themes are in what is sent: theme=share,….  [default: as in the labels]")
def serve(**options: Any) -> None:
    """Serve POST /classify until stopped.

    Options override the settings ASN_THEMES_HOST, _PORT, _WORKERS, _MODEL and _PRIOR.
    """
    from service.server import run
    from service.settings import Settings

    run(Settings.from_environment(**{name: value for name, value in options.items() if value is not None}))


for verb in (train, evaluate, compare, explain, terms, card, score, drift, trends, labels, new):
    main.add_command(verb)
for verb in (feedback, erase):
    labels.add_command(verb)

if __name__ == "__main__":
    main()
