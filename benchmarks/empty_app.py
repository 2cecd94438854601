"""Peers of `POST /classify` on the same server: a Flask handler that does nothing, and one that asks scikit-learn.

python -m benchmarks.empty_app empty 8001
python -m benchmarks.empty_app sklearn 8002
"""

import sys

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from benchmarks.harness import ROOT
from service.server import Server
from service.settings import Settings


def empty() -> Flask:
    app = Flask(__name__)

    @app.post("/classify")
    def classify() -> ResponseReturnValue:
        request.get_data()
        return jsonify(ok=True)

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

    @app.post("/classify")
    def classify() -> ResponseReturnValue:
        paragraphs = [line for line in request.get_json()["text"].split("\n") if line.strip()]
        scores = pipeline.predict_proba(paragraphs)
        return jsonify(paragraphs=[dict(zip(themes, row.tolist(), strict=True)) for row in scores])

    return app


if __name__ == "__main__":
    kind, port = sys.argv[1:3]
    app = {"empty": empty, "sklearn": sklearn_union}[kind]()
    Server(app, Settings(port=int(port))).run()
