"""A real OpenID provider in a process of its own, and what the tests ask of it.

Its users' claims go into the tokens as they are, so a user may have `aud` or `exp` too.
"""

import json
import os
import socket
import subprocess
import sys
import time
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

    def sign(self, claims: dict[str, Any]) -> str:
        """With the key that the provider signs its tokens with."""
        return self._http.post(f"{self.url}/sign", json=claims, timeout=5).text


def _serve(port: int) -> None:
    import flask
    import jwt
    import oidc_provider_mock
    import uvicorn

    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    app = oidc_provider_mock.app()

    @app.post("/sign")
    def sign() -> str:
        # It knows sign-out by the browser only; what it would send by itself is signed here.
        key = flask.g.oidc_provider_mock_storage.jwk.as_dict(is_private=True)
        private = jwt.algorithms.RSAAlgorithm.from_jwk(json.dumps(key))
        return jwt.encode(flask.request.json, private, "RS256", {"typ": "logout+jwt"})

    uvicorn.run(app, interface="wsgi", host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
