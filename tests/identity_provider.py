"""A real OpenID provider in a process of its own, and what the tests ask of it.

Its users' claims go into the tokens as they are, so a user may have `aud` or `exp` too.
"""

import json
import os
import socket
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import requests

from tools import processes
from tools.paths import PYTHON


class IdentityProvider:
    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._http = requests.Session()
        self._http.trust_env = False  # no proxy stands between
        command = [str(PYTHON), "-m", "tests.identity_provider", str(port)]
        self._process = processes.start(command, dict(os.environ), subprocess.DEVNULL)
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                self._http.get(f"{self.url}/jwks", timeout=5)
            except requests.ConnectionError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("The identity provider could not be started.")

    def end(self) -> None:
        self._http.close()
        processes.end([self._process])

    def knows(self, subject: str, **claims: object) -> None:
        self._http.put(f"{self.url}/users/{subject}", json=claims, timeout=5).raise_for_status()

    def answer(self, question: str, subject: str) -> str:
        """The address to which the browser is sent back when the user has signed in."""
        response = self._http.post(
            question, data={"sub": subject}, allow_redirects=False, timeout=5
        )
        return response.headers["Location"]

    def denial(self, question: str) -> str:
        response = self._http.post(
            question, data={"action": "deny"}, allow_redirects=False, timeout=5
        )
        return response.headers["Location"]

    def closes(self, subject: str) -> None:
        """No token of theirs is good any more."""
        self._http.post(f"{self.url}/users/{subject}/revoke-tokens", timeout=5).raise_for_status()

    def behaves(self, **how: object) -> None:
        """`status`: what it answers to everything else. `seconds`: how long a token takes.
        `leaves_out`: what is missing when it gives tokens. Without any: as it should.
        """
        self._http.put(f"{self.url}/behaviour", json=how, timeout=5).raise_for_status()

    def sign(self, claims: dict[str, Any]) -> str:
        """With the key that the provider signs its tokens with."""
        return self._http.post(f"{self.url}/sign", json=claims, timeout=5).text


def _serve(port: int) -> None:
    import flask
    import jwt
    import oidc_provider_mock
    import uvicorn
    from oidc_provider_mock import _app as mock

    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    behaviour: dict[str, Any] = {}

    class RefreshTokenGrant(mock.RefreshTokenGrant):
        """Gives a new refresh token each time, as the strict ones do, and an id token."""

        INCLUDE_NEW_REFRESH_TOKEN = True
        TOKEN_ENDPOINT_AUTH_METHODS = mock.AuthorizationCodeGrant.TOKEN_ENDPOINT_AUTH_METHODS

        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            code = mock.OpenIDCode(require_nonce=False, token_max_age=timedelta(hours=1))
            self.register_hook("after_create_token_response", code.process_token)

        def revoke_old_credential(self, refresh_token: Any) -> None:
            super().revoke_old_credential(refresh_token)
            mock.storage.remove_refresh_token(refresh_token.token)

    mock.RefreshTokenGrant = RefreshTokenGrant
    app = oidc_provider_mock.app()

    @app.put("/behaviour")
    def behave() -> str:
        behaviour.clear()
        behaviour.update(flask.request.json)
        return ""

    @app.before_request
    def misbehave() -> Any:
        if flask.request.path == "/oauth2/token":
            time.sleep(behaviour.get("seconds", 0))
        status = behaviour.get("status")
        return ("", status) if status and flask.request.path != "/behaviour" else None

    @app.after_request
    def leave_out(response: Any) -> Any:
        missing = behaviour.get("leaves_out", [])
        if missing and flask.request.path == "/oauth2/token":
            kept = {name: said for name, said in response.json.items() if name not in missing}
            response.set_data(json.dumps(kept))
        return response

    @app.post("/sign")
    def sign() -> str:
        # It knows sign-out by the browser only; what it would send by itself is signed here.
        key = flask.g.oidc_provider_mock_storage.jwk.as_dict(is_private=True)
        private = jwt.algorithms.RSAAlgorithm.from_jwk(json.dumps(key))
        return jwt.encode(flask.request.json, private, "RS256", {"typ": "logout+jwt"})

    uvicorn.run(app, interface="wsgi", host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
