"""The model card: what a model is, of what it was made, how good it is and what it is not for, from its file alone."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from classifier import Classifier
from classifier.errors import ModelRejectedError
from classifier.model import BOILERPLATE
from classifier.scale import sigmoids
from training.metrics import Quality, decisions_table, table
from training.reading import heaviest_terms

#: Terms shown a theme and direction, and confusions in all.
N_TERMS = 12
N_CONFUSIONS = 6


def card(classifier: Classifier) -> str:
    """Render the card of a model as Markdown.

    Raises
    ------
    ModelRejectedError
        If the model does not state its quality.
    """
    model, stated = classifier.model, classifier.model.metadata
    if "quality" not in stated:
        raise ModelRejectedError("model: its quality is not stated; retrain with `asn-themes train`")
    quality = Quality.from_json(stated["quality"])
    # Markdown from the model's own file: nothing to escape.
    environment = Environment(  # noqa: S701
        loader=PackageLoader("training", "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("card.md").render(
        version=classifier.version,
        themes=model.themes,
        stated=stated,
        own_themes="title" in stated,
        quality=quality,
        scores=table(quality),
        decisions=decisions_table(quality),
        cuts=_cuts(classifier, quality),
        terms={name: heaviest_terms(model, name, N_TERMS) for name in (*model.theme_ids, BOILERPLATE)},
        confusions=_confusions(classifier),
        n_features=len(model.features),
    )


def _cuts(classifier: Classifier, quality: Quality) -> str:
    stated = classifier.model.metadata["yes_precision"]
    lines = [
        "| theme | no below | yes from | chosen for | precision of yes | recall of yes |",
        "|---|---|---|---|---|---|",
    ]
    for theme, cuts in zip((*classifier.themes, BOILERPLATE), classifier.model.cuts.tolist(), strict=True):
        precision = stated.get(theme, stated.get("all")) if theme != BOILERPLATE else None
        rule = "best F1" if precision is None else f"precision {precision:g}"
        low, high = sigmoids(cuts)
        shown = f"{low:.3f} | {high:.3f} | {rule}"
        lines.append(f"| {theme} | {shown} | {quality[f'{theme}_precision']} | {quality[f'{theme}_recall']} |")
    return "\n".join(lines)


def _confusions(classifier: Classifier) -> list[tuple[str, str, int]]:
    names = (*classifier.themes, "nothing")
    cells = [
        (gold, answered, n)
        for gold, row in zip(names, classifier.model.metadata["confusion"], strict=True)
        for answered, n in zip(names, row, strict=True)
        if gold != answered
    ]
    return sorted(cells, key=lambda cell: -cell[2])[:N_CONFUSIONS]
