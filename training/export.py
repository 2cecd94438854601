"""Export: the labelled paragraphs of a labels folder as tasks for other tools."""

from collections import Counter
from pathlib import Path

from training.codebook import Codebook
from training.exchange.tasks import Losses, Task, Vote
from training.labels import read_jsonl, read_labels


def read_tasks(folder: Path) -> tuple[Codebook, tuple[Task, ...], Losses]:
    """Return the paragraphs with a text, each with the label that stands as its one vote, and what is left out.

    Raises
    ------
    LabelsRejectedError
        If the labels can't be read.
    """
    labels = read_labels(folder)
    examples = {example.id: example for example in labels.examples}
    tasks = []
    for path in sorted((folder / "paragraphs").glob("*.jsonl")):
        for row, _ in read_jsonl(path):
            example = examples[row["id"]]
            vote = Vote(str(row["annotator"]), example.labels, example.boilerplate)
            tasks.append(Task(example.id, row["text"], row.get("article") or "", (vote,)))
    losses: Losses = Counter(
        {
            "records that hold counts and no text": len(examples) - len(tasks),
            "texts of several readers: the label that stands is written, not their votes": sum(
                examples[task.id].readers > 1 for task in tasks
            ),
        }
    )
    return labels.codebook, tuple(tasks), losses
