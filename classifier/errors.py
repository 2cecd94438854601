"""The exception tree: raised deep, rendered once, by the shell or by the service."""


class AsnThemesError(Exception):
    """Root of every error the project raises on purpose; the message says what, where and what to do in one line."""

    #: Short stable name, shown as ``error[slug]`` in the shell and in the problem type over HTTP.
    slug = "error"
    #: Exit code of the command; the table stands in docs/design.md.
    exit_code = 1


class SettingError(AsnThemesError):
    """A setting or an option that can't be used."""

    slug = "setting"
    exit_code = 2


class ExtraMissingError(SettingError):
    """A use that needs a package of an extra that is not installed."""

    slug = "extra-missing"


class InputRejectedError(AsnThemesError):
    """An input that is not what it claims to be."""

    slug = "input-rejected"
    exit_code = 3


class LabelsRejectedError(InputRejectedError):
    """Labels that break the rules of the label linter."""

    slug = "labels-rejected"


class ModelRejectedError(AsnThemesError):
    """A model file that is damaged, foreign or of another format."""

    slug = "model-rejected"
    exit_code = 4


class OutputFailedError(AsnThemesError):
    """An output that could not be written whole."""

    slug = "output-failed"
    exit_code = 5


class ResumeRefusedError(AsnThemesError):
    """A run that another run stands in the way of: a different one in the same place, or one that still goes on."""

    slug = "resume-refused"
    exit_code = 6


class InterruptedRunError(AsnThemesError):
    """A run that a signal ended; the same command goes on where it stopped."""

    slug = "interrupted"

    def __init__(self, message: str, signal: int) -> None:
        super().__init__(message, signal)
        self.exit_code = 128 + signal

    def __str__(self) -> str:
        return str(self.args[0])
