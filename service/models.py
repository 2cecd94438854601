"""The model at work, and how another takes its place: loaded and tested beside it, then swapped in one step."""

import logging
import math
import os
import threading
from pathlib import Path

from classifier import AsnThemesError, Classifier, ModelRejectedError, modelfile
from classifier.files import publish
from service.metrics import Metrics

_log = logging.getLogger("asn_themes.service")
_LOOK_EVERY_S = 0.5
_TITLE = "Bupati melantik pejabat hasil seleksi terbuka"
_TEXT = "ASN wajib netral dalam pilkada.\nKinerja pegawai dinilai menurut target.\n\nBaca juga: Harga beras naik"


class Models:
    """Holds the classifier that answers.  A request takes `current` once and keeps it, so no answer mixes models.

    Parameters
    ----------
    classifier : Classifier
        The one to begin with.
    metrics : Metrics
        Where loads are counted.
    path : Path, optional
        The model file to watch.
    kept : Path, optional
        Where the last good model is kept, so that a worker that starts later has it although `path` went bad.
    """

    def __init__(
        self, classifier: Classifier, metrics: Metrics, path: Path | None = None, kept: Path | None = None
    ) -> None:
        self.current = classifier
        self._metrics = metrics
        self._path = path
        self._kept = kept
        self._seen = _stamp(path)
        self._wake = threading.Event()
        if kept is None:
            metrics.model_loaded(classifier.short_version)

    def start_watching(self) -> None:
        """Begin to look for new models, in a thread of this process, which also keeps the metrics fresh."""
        if self._kept and self._kept.exists():
            self.current = Classifier.load(self._kept, self.current.prior)
        # Said here and not before: what the parent process says of its model would stand for ever.
        self._metrics.model_loaded(self.current.short_version)
        threading.Thread(target=self._watch, daemon=True, name="models").start()

    def wake(self) -> None:
        """Look at the model file now, changed or not."""
        self._seen = None
        self._wake.set()

    def look(self) -> None:
        """Take up the model file if it was replaced and is good; one that isn't changes nothing but a metric."""
        stamp = _stamp(self._path)
        if stamp is None or stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._take()
        except AsnThemesError as err:
            self._metrics.model_rejected()
            _log.error("model not taken up: %s", err)

    def _watch(self) -> None:
        while True:
            self._wake.wait(_LOOK_EVERY_S)
            self._wake.clear()
            try:
                self.look()
                self._metrics.flush()
            except Exception:  # whatever goes wrong with one file, the next one must still be looked at
                _log.exception("the look for a new model failed")

    def _take(self) -> None:
        if self._path is None or self._kept is None:
            raise ModelRejectedError("model: no file to load; name one with ASN_THEMES_MODEL")
        data = modelfile.read(self._path)
        # A worker that starts later has it from `kept`, and SIGHUP comes without a new file too.
        if modelfile.version(data) == self.current.version:
            return
        # Copied before it is loaded: what is tested is what later workers get.
        candidate = self._kept.with_suffix(f".{os.getpid()}")
        publish(data, candidate)
        try:
            classifier = Classifier.load(candidate, self.current.prior)
            test(classifier)
            candidate.replace(self._kept)
        finally:
            candidate.unlink(missing_ok=True)
        before, self.current = self.current, classifier
        self._metrics.model_loaded(classifier.short_version, before.short_version)
        _log.info("model %s taken up, %s before", classifier.short_version, before.short_version)


def test(classifier: Classifier) -> None:
    """Let `classifier` answer once.

    Raises
    ------
    ModelRejectedError
        If the answer isn't whole, or its evidence doesn't add up to its logits.
    """
    result = classifier.classify(_TEXT, title=_TITLE, explain=True)
    scores = [score for paragraph in result.paragraphs for score in paragraph.scores.values()]
    logits = classifier.decision_function([_TITLE])[0].tolist()
    sums = [math.fsum(c.weight for c in classifier.explain(_TITLE) if c.theme == theme) for theme in classifier.themes]
    if len(result.labels) != len(classifier.themes) or not all(0 <= score <= 1 for score in scores):
        raise ModelRejectedError("model: fails its self-test on scores; retrain with `asn-themes train`")
    if not all(math.isclose(a, b, abs_tol=1e-4) for a, b in zip(logits, sums, strict=True)):
        raise ModelRejectedError("model: fails its self-test on evidence; retrain with `asn-themes train`")


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    try:
        status = path.stat() if path else None
    except OSError:
        return None
    return (status.st_ino, status.st_mtime_ns, status.st_size) if status else None
