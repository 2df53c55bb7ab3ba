"""OpenID Connect against a provider that runs here: over HTTP, small, and able to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlparse

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from visiting import Place, Visitor, made, served

from equipoise.errors import EnvironmentFailed, IntegrityRefused
from equipoise.web.opened import current, use
from equipoise.web.outside import Provider, ProviderSettings, is_safe
from equipoise.web.site_settings import provider_settings

SECRET = "a secret between two"


@dataclass
class Identities:
    """The provider: its keys, the codes it gave, and what it is told to get wrong."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    given: dict[str, dict[str, str]] = field(default_factory=dict)
    wrong: dict[str, Any] = field(default_factory=dict)
    signer: RSAKey | None = None
    algorithm: str = "RS256"
    asked: list[str] = field(default_factory=list)
    now: int = 0

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.wrong.get("own name", self.issuer),
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def sign_in(self, address: str, subject: str) -> str:
        """Do what somebody's browser would there; return the way back."""
        asked = {key: one[0] for key, one in parse_qs(urlparse(address).query).items()}
        assert asked["response_type"] == "code" and asked["scope"] == "openid"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.given)}"
        self.given[code] = {**asked, "subject": subject}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        asked = self.given.pop(form["code"], None)
        challenge = hashlib.sha256(form["code_verifier"].encode()).digest()
        if (
            asked is None
            or pair != f"equipoise:{SECRET.replace(' ', '%20')}"
            or form["redirect_uri"] != asked["redirect_uri"]
            or base64.urlsafe_b64encode(challenge).decode().rstrip("=") != asked["code_challenge"]
        ):
            return None
        claims = {
            "iss": self.issuer,
            "sub": asked["subject"],
            "aud": "equipoise",
            "nonce": asked["nonce"],
            "iat": self.now,
            "exp": self.now + 300,
            **self.wrong,
        }
        header = {"alg": self.algorithm, "kid": "one"}
        signed = jwt.encode(header, claims, self.signer or self.key, algorithms=[self.algorithm])
        return {"id_token": signed, "access_token": "unused", "token_type": "Bearer"}


def handler(identities: Identities) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self, held: dict[str, Any] | None) -> None:
            body = json.dumps(held).encode()
            self.send_response(400 if held is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            identities.asked.append(self.path)
            if self.path.endswith("openid-configuration"):
                self.answer(identities.discovery())
            else:
                self.answer(dict(KeySet([identities.key]).as_dict(private=False)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {key: one[0] for key, one in parse_qs(body).items()}
            self.answer(identities.token(form, self.headers["Authorization"]))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def identities() -> Iterator[Identities]:
    held = Identities()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(held))
    held.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield held
    server.shutdown()
    server.server_close()


@pytest.fixture
def place(tmp_path: Path, identities: Identities) -> Iterator[Place]:
    """A real site whose settings name the provider."""
    there = made(tmp_path, practice=False)
    (there.site.directory / "secret").write_text(SECRET + "\n")
    with (there.site.directory / "equipoise.toml").open("a") as settings:
        settings.write(
            f'\n[web.identities]\nname = "Council sign-in"\nissuer = "{identities.issuer}"\n'
            'client_id = "equipoise"\nclient_secret_file = "secret"\nsecond_factor = true\n'
        )
    identities.now = int(there.clock().timestamp())
    yield from served(there)


def joined(place: Place, identities: Identities, subject: str = "u-1") -> Visitor:
    """Open Amara's account with an identity at the provider."""
    visitor = place.visitor()
    page = visitor.get(f"/invitation/{place.invited('Amara Osei')}").content.decode()
    link = re.search(r'href="(/sign-in/elsewhere\?invitation=[^"]+)"', page)
    assert link is not None
    leaving = visitor.get(link[1])
    back = visitor.get(identities.sign_in(leaving["Location"], subject))
    assert back.status_code == 200, back.content.decode()
    return visitor


def come(visitor: Visitor, identities: Identities, subject: str = "u-1", **more: str) -> Any:
    leaving = visitor.get("/sign-in/elsewhere")
    back = identities.sign_in(leaving["Location"], subject)
    return visitor.get(back + ("&" + urlencode(more) if more else ""))


def test_an_account_is_opened_with_an_identity_elsewhere_and_signed_in_to_with_it(
    place: Place, identities: Identities
) -> None:
    visitor = joined(place, identities)
    assert visitor.get("/people/").status_code == 200
    account = visitor.get("/account/").content.decode()
    assert identities.issuer in account and "you sign in elsewhere" in account
    visitor.send("/sign-out", "/account/")
    arrived = come(visitor, identities)
    assert 'content="0; url=/"' in arrived.content.decode()
    assert visitor.get("/account/").status_code == 200


def test_an_identity_that_nobody_here_has_opens_nothing(
    place: Place, identities: Identities
) -> None:
    joined(place, identities)
    refused = come(place.visitor(), identities, "somebody-else")
    assert refused.status_code == 422 and "ACT255" in refused.content.decode()


def test_one_identity_opens_one_account(place: Place, identities: Identities) -> None:
    joined(place, identities)
    visitor = place.visitor()
    leaving = visitor.get(f"/sign-in/elsewhere?invitation={place.invited('Ben Hale')}")
    refused = visitor.get(identities.sign_in(leaving["Location"], "u-1"))
    assert refused.status_code == 409 and "STO062" in refused.content.decode()


def test_our_own_second_factor_is_asked_for_unless_the_provider_is_trusted_with_it(
    place: Place, identities: Identities
) -> None:
    joined(place, identities)
    provider = current().provider
    assert provider is not None
    strict = Provider(replace(provider.settings, second_factor=False))
    use(replace(current(), provider=strict))
    visitor = place.visitor()
    arrived = come(visitor, identities)
    assert "url=/account/second-factor" in arrived.content.decode()
    assert visitor.get("/account/")["Location"] == "/account/second-factor"


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "another-site"},
        {"iss": "https://evil.example"},
        {"nonce": "of another sign-in"},
        {"exp": 1},
        {"iat": 4_000_000_000},
        {"sub": ""},
        {"sub": 7},
        {"azp": "another-site"},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_lets_nobody_in(
    place: Place, identities: Identities, wrong: dict[str, Any]
) -> None:
    joined(place, identities)
    identities.wrong = wrong
    visitor = place.visitor()
    refused = come(visitor, identities)
    assert refused.status_code == 422 and "WEB032" in refused.content.decode()
    assert visitor.get("/account/").status_code == 302


def test_a_token_by_another_key_or_without_one_lets_nobody_in(
    place: Place, identities: Identities
) -> None:
    joined(place, identities)
    identities.signer = RSAKey.generate_key(2048, {"kid": "one"})
    assert come(place.visitor(), identities).status_code == 422
    identities.signer = None
    visitor = place.visitor()
    leaving = visitor.get("/sign-in/elsewhere")
    back = identities.sign_in(leaving["Location"], "u-1")
    claims = {"iss": identities.issuer, "sub": "u-1", "aud": "equipoise"}
    parts = [
        base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=")
        for one in ({"alg": "none"}, claims)
    ]
    identities.token = lambda *_: {"id_token": ".".join([*parts, ""])}  # type: ignore[method-assign]
    assert visitor.get(back).status_code == 422


def test_a_provider_may_change_its_keys(place: Place, identities: Identities) -> None:
    joined(place, identities)
    identities.key = RSAKey.generate_key(2048, {"kid": "one"})
    assert come(place.visitor(), identities).status_code == 200


def test_an_answer_to_another_question_lets_nobody_in(place: Place, identities: Identities) -> None:
    joined(place, identities)
    visitor, stranger = place.visitor(), place.visitor()
    theirs = identities.sign_in(stranger.get("/sign-in/elsewhere")["Location"], "u-1")
    assert visitor.get(theirs).status_code == 422  # nothing was begun in this browser
    visitor.get("/sign-in/elsewhere")
    refused = visitor.get(theirs)
    assert refused.status_code == 422 and "another question" in refused.content.decode()
    assert come(place.visitor(), identities, iss="https://evil.example").status_code == 422
    assert come(place.visitor(), identities, error="access_denied").status_code == 422


def test_a_code_is_exchanged_once(place: Place, identities: Identities) -> None:
    joined(place, identities)
    visitor = place.visitor()
    back = identities.sign_in(visitor.get("/sign-in/elsewhere")["Location"], "u-1")
    flight = visitor.cookies["elsewhere"].value
    assert visitor.get(back).status_code == 200
    visitor.cookies["elsewhere"] = flight
    again = visitor.get(back)
    assert again.status_code == 503 and "WEB031" in again.content.decode()


def test_a_provider_that_calls_itself_otherwise_or_is_gone_is_not_asked(
    place: Place, identities: Identities
) -> None:
    identities.wrong = {"own name": "https://evil.example"}
    refused = place.visitor().get("/sign-in/elsewhere")
    assert refused.status_code == 503 and "another name" in refused.content.decode()
    gone = ProviderSettings("x", "http://127.0.0.1:9", "equipoise", "s")
    with pytest.raises(EnvironmentFailed, match="WEB031"):
        Provider(gone).leave("http://testserver/")


def test_an_address_without_https_is_asked_on_this_machine_alone() -> None:
    assert is_safe("https://login.example.org") and is_safe("http://localhost:1/")
    for unsafe in ("http://login.example.org", "file:///etc/passwd", "ftp://localhost/", ""):
        assert not is_safe(unsafe)
    insecure = ProviderSettings("x", "http://login.example.org", "equipoise", "s")
    with pytest.raises(EnvironmentFailed, match="WEB031"):
        Provider(insecure).leave("http://testserver/")


@pytest.mark.parametrize(
    "said",
    [
        'name = "x"',
        'name = "x"\nissuer = "http://login.example.org"\nclient_id = "e"\n'
        'client_secret_file = "secret"',
        'name = "x"\nissuer = "https://l.example"\nclient_id = "e"\nclient_secret_file = "none"',
        "name = [",
    ],
)
def test_settings_that_cannot_be_used_are_told(tmp_path: Path, said: str) -> None:
    (tmp_path / "secret").write_text("s")
    (tmp_path / "equipoise.toml").write_text(f"[web.identities]\n{said}\n")
    with pytest.raises(IntegrityRefused, match="WEB020"):
        provider_settings(tmp_path)


def test_a_site_without_a_provider_has_no_such_page(tmp_path: Path) -> None:
    for place in served(made(tmp_path, practice=False)):
        assert place.visitor().get("/sign-in/elsewhere").status_code == 404
        assert "elsewhere" not in place.visitor().get("/sign-in").content.decode()
