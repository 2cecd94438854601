"""From what gunicorn's parser refuses to the status and the problem that a client sees."""

from gunicorn.http import errors

_STATUSES: tuple[tuple[type[Exception], int, str, str], ...] = (
    (errors.LimitRequestLine, 414, "target-too-long", "The request line is too long."),
    (errors.LimitRequestHeaders, 431, "headers-too-large", "Too many header fields, or one too long."),
    (errors.UnsupportedTransferCoding, 501, "unknown-transfer-coding", "This transfer coding is not known here."),
    (errors.InvalidHTTPVersion, 505, "version-not-supported", "Speak HTTP/1.1."),
    (errors.ExpectationFailed, 417, "expectation-failed", "Only 100-continue can be expected."),
    (errors.ParseException, 400, "malformed-request", "This is not a well-formed HTTP/1.1 request."),
)


def of(error: Exception) -> tuple[int, str, str]:
    """Return status, slug and detail for what went wrong before the application was asked."""
    for kind, *answer in _STATUSES:
        if isinstance(error, kind):
            return tuple(answer)  # type: ignore[return-value]  # the table's own types
    return 500, "internal-error", "An error on our side; try again, and report it if it stays."
