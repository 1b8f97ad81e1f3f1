"""Every error of ours, and nothing else.

    CrmSyncError                     one French sentence: what happened and what to do
    ├── ConfigurationError           settings or schema; nothing was read       exit 2, a retry does not help
    │   └── DatabaseUnavailableError    the database cannot be reached or refuses us     exit 2, a retry may help
    ├── EmbeddedPostgresError        the Postgres of the wheel cannot start     exit 1
    ├── SourceError                  the endpoint's answer cannot be used       exit 1
    │   ├── SourceTransientError     passes by itself: time-out, 5xx, 429       a retry helps
    │   └── SourceTerminalError      somebody must act: 401, 404, not JSON      a retry does not help
    ├── WriteError                   the CRM refused a write                    exit 1
    └── RefusedError                 a guard said no; nothing was written       exit 3

An error never carries a payload, an IBAN, a token or a password: only what ops need to act. `retry_helps` and
`exit_code` are decided by the class, so that no caller has to know a message.
"""

from typing import ClassVar


class CrmSyncError(Exception):
    """Root of our errors: `str(error)` is one French sentence, fit to be shown as it is."""

    exit_code: ClassVar[int] = 1
    retry_helps: ClassVar[bool] = False


class ConfigurationError(CrmSyncError):
    """A setting, a URL or the state of the schema forbids to start. Raised before anything is read."""

    exit_code: ClassVar[int] = 2


class DatabaseUnavailableError(ConfigurationError):
    """A database cannot be reached, refuses the log-in, or lacks a right."""

    retry_helps: ClassVar[bool] = True


class EmbeddedPostgresError(CrmSyncError):
    """The embedded Postgres cannot be started or reached."""


class SourceError(CrmSyncError):
    """The endpoint gave no answer that can be used. The CRM is left as it is."""

    def __init__(self, message: str, *, status: int | None = None, attendre_s: float | None = None) -> None:
        """Keep the HTTP status and the wait that the endpoint asked for, where there was one; never the body."""
        super().__init__(message)
        self.status = status
        self.attendre_s = attendre_s


class SourceTransientError(SourceError):
    """The endpoint may answer next time: connection refused, time-out, 429, 5xx."""

    retry_helps: ClassVar[bool] = True


class SourceTerminalError(SourceError):
    """The endpoint answers the same until somebody acts: 401, 404, HTML, broken JSON."""


class WriteError(CrmSyncError):
    """The CRM refused what we wanted to write; the transaction was rolled back."""


class RefusedError(CrmSyncError):
    """A guard refused to go on (another sync runs, for instance). Nothing was written."""

    exit_code: ClassVar[int] = 3
    retry_helps: ClassVar[bool] = True
