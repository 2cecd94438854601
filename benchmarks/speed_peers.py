"""Peers of `POST /classify` on the same server, each at `POST /peer`.

python -m benchmarks.speed_peers empty 8001      a Flask handler that does nothing, in the shipped application
python -m benchmarks.speed_peers bare 8002       the same in an application of its own: no logs, metrics or headers
python -m benchmarks.speed_peers sklearn 8003    a Flask handler that asks scikit-learn, in an application of its own
"""

import sys
from unittest import mock

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from benchmarks.harness import ROOT
from service import server
from service.app import create_app
from service.server import Server
from service.settings import Settings


def nothing() -> ResponseReturnValue:
    request.get_data()
    return jsonify(ok=True)


def bare() -> Flask:
    app = Flask(__name__)
    app.post("/peer")(nothing)
    return app


def shipped(*given: object) -> Flask:
    app = create_app(*given)  # type: ignore[arg-type]  # passed on as they come
    app.post("/peer")(nothing)
    return app


def sklearn_union() -> Flask:
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline, make_union

    from training.labels import read_labels

    examples = [e for e in read_labels(ROOT / "labels").examples if e.text]
    themes = sorted({theme for e in examples for theme in e.labels})
    pipeline = make_pipeline(
        make_union(TfidfVectorizer(ngram_range=(1, 2)), TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5))),
        OneVsRestClassifier(LogisticRegression()),
    )
    pipeline.fit([e.text for e in examples], np.array([[theme in e.labels for theme in themes] for e in examples]))
    app = Flask(__name__)

    @app.post("/peer")
    def classify() -> ResponseReturnValue:
        paragraphs = [line for line in request.get_json()["text"].split("\n") if line.strip()]
        scores = pipeline.predict_proba(paragraphs)
        return jsonify(paragraphs=[dict(zip(themes, row.tolist(), strict=True)) for row in scores])

    return app


if __name__ == "__main__":
    kind, port = sys.argv[1:3]
    settings = Settings(port=int(port), model=ROOT / "model.npz")
    if kind == "empty":
        # All that `asn-themes serve` does, with one more route.
        with mock.patch.object(server, "create_app", shipped):
            server.run(settings)
    else:
        Server({"bare": bare, "sklearn": sklearn_union}[kind](), settings).run()
