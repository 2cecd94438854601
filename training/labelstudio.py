"""A running Label Studio as a client sees it: the annotations of a project, over HTTP."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urlsplit

from classifier.errors import InputRejectedError, SettingError

#: Where its address and a token for it are looked for.
URL, TOKEN = "ASN_THEMES_LABEL_STUDIO_URL", "ASN_THEMES_LABEL_STUDIO_TOKEN"
#: A million paragraphs with their annotations are about this.
MAX_BYTES = 1 << 30
_TIMEOUT_S = 60.0
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class LabelStudio:
    """One Label Studio.

    Attributes
    ----------
    url : str
        Its address, without a slash at the end.
    token : str
        Of either kind; it is sent to `url` alone and shown nowhere.
    """

    url: str
    token: str = field(repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "LabelStudio":
        """Read address and token from the environment.

        Raises
        ------
        SettingError
            If one is missing, or the address is none.
        """
        url, token = environment.get(URL, "").rstrip("/"), environment.get(TOKEN, "")
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise SettingError(f"setting: {URL} is no http or https address; name that of Label Studio")
        if not token or not token.isascii() or not token.isprintable():
            raise SettingError(f"setting: {TOKEN} is no token; copy one from your account page in Label Studio")
        return cls(url, token)

    def export(self, project: int, max_bytes: int = MAX_BYTES) -> bytes:
        """Return the annotated tasks of a project, as Label Studio's JSON.

        Raises
        ------
        InputRejectedError
            If Label Studio doesn't give them, or gives more than `max_bytes`.
        """
        return self._get(f"/api/projects/{project}/export?exportType=JSON", self._authorization(), max_bytes)

    def _authorization(self) -> str:
        # Today's tokens are JWTs that only buy a short-lived one; those of old go as they are.
        if self.token.count(".") != 2:
            return f"Token {self.token}"
        answer = self._get("/api/token/refresh", None, _BLOCK_BYTES, json.dumps({"refresh": self.token}).encode())
        try:
            return f"Bearer {json.loads(answer)['access']}"
        except (ValueError, KeyError, TypeError) as err:
            raise InputRejectedError(f"input: {self.url} gives no access for {TOKEN}; make a new token there") from err

    def _get(self, path: str, authorization: str | None, max_bytes: int, body: bytes | None = None) -> bytes:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if authorization:
            headers["Authorization"] = authorization
        # from_environment has checked that it is http or https.
        request = urllib.request.Request(self.url + path, body, headers)  # noqa: S310
        try:
            with _opener.open(request, timeout=_TIMEOUT_S) as response:
                return _read(response, max_bytes)
        except urllib.error.HTTPError as err:
            err.close()
            raise InputRejectedError(f"input: {self.url}{path} answers {err.code}; {_cure(err.code)}") from err
        except (OSError, HTTPException) as err:
            reason = getattr(err, "reason", err)
            raise InputRejectedError(f"input: {self.url} can't be asked ({reason}); see that it runs") from err


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Refuses to be sent elsewhere: the token would go along."""

    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def _read(response: IO[bytes], max_bytes: int) -> bytes:
    blocks, size = [], 0
    while block := response.read(_BLOCK_BYTES):
        size += len(block)
        if size > max_bytes:
            raise InputRejectedError(f"input: Label Studio sends over {max_bytes} bytes; export a part of the project")
        blocks.append(block)
    return b"".join(blocks)


def _cure(status: int) -> str:
    cures = {401: f"set {TOKEN} to a token that is valid", 403: "ask for access to the project", 404: "name a project"}
    return cures.get(status, f"see that {URL} is Label Studio's own address")
