"""An OpenID provider on this machine, with a key of its own: it signs real id tokens and checks what it is told.

It holds the client to the standard: a code works once, only with the PKCE verifier and the redirect address of its
request, and only for who has the client's secret.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

CLIENT_ID, SECRET = "twoway desk", "correct horse: battery"


def new_key() -> RSAPrivateKey:
    """A key to sign with."""
    return generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class IdentityProvider:
    """`claims` go into the next id tokens over the usual ones, `document` over its usual document; None leaves one out.

    `signs_with` is the key of the tokens, `key` the one it shows.
    """

    key: RSAPrivateKey = field(default_factory=new_key)
    claims: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    signs_with: RSAPrivateKey | None = None
    answers: bytes | None = None
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._say(*provider.get(urlsplit(self.path).path))

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
                self._say(*provider.post(form, self.headers.get("Authorization", "")))

            def _say(self, status: int, found: object) -> None:
                body = json.dumps(found).encode() if provider.answers is None else provider.answers
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: object) -> None:
                """Nothing on the screen."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def sign_in(self, url: str) -> str:
        """What the browser brings back after somebody signed in at this address: a path with a query."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["client_id"] == CLIENT_ID
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.asked[code] = asked
        back = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return f"{urlsplit(asked['redirect_uri']).path}?{back}"

    def get(self, path: str) -> tuple[int, object]:
        """Its document and its keys."""
        if path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return 200, {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}
        usual = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return 200, {**usual, **self.document}

    def post(self, form: dict[str, str], authorization: str) -> tuple[int, object]:
        """A token for a code."""
        asked = self.asked.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        pair = base64.b64encode(b"twoway%20desk:correct%20horse%3A%20battery").decode()
        is_ours = authorization == f"Basic {pair}"
        is_right = asked and (asked["code_challenge"], asked["redirect_uri"]) == (challenge, form["redirect_uri"])
        if not asked or not is_ours or not is_right:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        usual: dict[str, Any] = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "1001",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "email": "dee@example.com",
            "email_verified": True,
            "name": "Dee",
        }
        claims = {name: value for name, value in {**usual, **self.claims}.items() if value is not None}
        token = jwt.encode(claims, self.signs_with or self.key, algorithm="RS256", headers={"kid": "one"})
        return 200, {"access_token": "unused", "token_type": "Bearer", "id_token": token}
