"""OpenID Connect: the authorization code flow with PKCE, as a confidential client.

Made of the standard library and ``joserfc`` for the signed token; libraries for Django want its own
table of users, which this site has not. Followed: OpenID Connect Core 1.0 section 3.1 and RFC 7636.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from urllib.error import URLError
from urllib.parse import quote, urlencode, urlparse
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from equipoise.errors import EnvironmentFailed, Problem, UsageRefused

_ALGORITHMS: Final = ["RS256", "PS256", "ES256"]
_LARGEST: Final = 1_000_000
_SECONDS: Final = 10
_KEPT: Final = 3600
_LEEWAY: Final = 60
_LOCAL: Final = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class ProviderSettings:
    """What a site says of its provider. ``second_factor``: it is trusted to ask for one."""

    name: str
    issuer: str
    client_id: str
    client_secret: str
    second_factor: bool = False


@dataclass(frozen=True)
class Flight:
    """What is noted when somebody leaves for the provider."""

    address: str
    state: str
    nonce: str
    verifier: str

    def as_dict(self) -> dict[str, str]:
        """Return it for a cookie; the address is not needed again."""
        return {**asdict(self), "address": ""}

    @classmethod
    def from_dict(cls, kept: Mapping[str, str]) -> Flight:
        """Return what ``as_dict`` gave."""
        return cls(**kept)


class _NoRedirect(HTTPRedirectHandler):
    """A provider answers where it says it does, or not at all."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow nothing."""


def is_safe(address: str) -> bool:
    """Say whether an address may be asked: HTTPS, or HTTP on this very machine."""
    parts = urlparse(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)


def _no_answer(why: str) -> EnvironmentFailed:
    return EnvironmentFailed(
        Problem(
            "WEB031",
            "the provider of identities does not answer as it should",
            why=why,
            next="try again later, or sign in with a password",
        )
    )


def _refused(why: str) -> UsageRefused:
    return UsageRefused(
        Problem(
            "WEB032",
            "the provider's answer is not one that lets you in",
            why=why,
            next="begin again from the sign-in page",
        )
    )


class Provider:
    """One provider, as its discovery document describes it."""

    def __init__(self, settings: ProviderSettings, opener: OpenerDirector | None = None) -> None:
        self.settings = settings
        self._opener = opener or build_opener(_NoRedirect())
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}

    def _ask(self, address: str, data: bytes | None = None, **headers: str) -> dict[str, Any]:
        if not is_safe(address):
            raise _no_answer("it names an address without HTTPS")
        request = Request(address, data, {"Accept": "application/json", **headers})  # noqa: S310
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                held = json.loads(answer.read(_LARGEST))
        except (URLError, OSError, ValueError) as error:
            raise _no_answer(type(error).__name__) from error
        if not isinstance(held, dict):
            raise _no_answer("it did not answer with an object")
        return held

    def _document(self, address: str, *, fresh: bool = False) -> dict[str, Any]:
        """Return a document that seldom changes, an hour old at most."""
        at, held = self._known.get(address, (0.0, {}))
        if fresh or not held or time.monotonic() - at > _KEPT:
            held = self._ask(address)
            self._known[address] = (time.monotonic(), held)
        return held

    def _discovered(self, name: str) -> str:
        base = self.settings.issuer.rstrip("/")
        held = self._document(f"{base}/.well-known/openid-configuration")
        if held.get("issuer") != self.settings.issuer:
            raise _no_answer("it calls itself by another name")
        return str(held.get(name, ""))

    def leave(self, back: str) -> Flight:
        """Return where to send somebody, and what must come back with them."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": back,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge.decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        place = self._discovered("authorization_endpoint")
        if not is_safe(place):
            raise _no_answer("it names an address without HTTPS")
        address = f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"
        return Flight(address, state, nonce, verifier)

    def arrive(self, flight: Flight, answer: Mapping[str, Any], back: str, now: datetime) -> str:
        """Return who the provider says it is: the subject, unique at its issuer.

        Raises ``UsageRefused`` (WEB032) for an answer that is not to our question, not signed by
        the provider, not for us, or out of date; ``EnvironmentFailed`` (WEB031) for none.
        """
        state = str(answer.get("state", ""))
        if not hmac.compare_digest(state.encode(), flight.state.encode()):
            raise _refused("it answers another question")
        if str(answer.get("iss", self.settings.issuer)) != self.settings.issuer:
            raise _refused("it comes from another provider")
        code = str(answer.get("code", ""))
        if "error" in answer or not code:
            raise _refused("the sign-in there was not completed")
        given = self._exchange(code, flight.verifier, back)
        return self._subject(str(given.get("id_token", "")), flight.nonce, now)

    def _exchange(self, code: str, verifier: str, back: str) -> dict[str, Any]:
        """Turn the code into tokens (section 3.1.3), naming ourselves by client_secret_basic."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        pair = f"{quote(self.settings.client_id)}:{quote(self.settings.client_secret)}"
        basic = base64.b64encode(pair.encode()).decode()
        return self._ask(
            self._discovered("token_endpoint"),
            urlencode(form).encode(),
            Authorization=f"Basic {basic}",
        )

    def _subject(self, token: str, nonce: str, now: datetime) -> str:
        """Check an ID token (section 3.1.3.7) and return its subject."""
        claims = self._claims(token)
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(now.timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise _refused(f"its token does not hold: {type(error).__name__}") from error
        if claims.get("azp", self.settings.client_id) != self.settings.client_id:
            raise _refused("its token is for another site")
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise _refused("it names nobody")
        return subject

    def _claims(self, token: str) -> dict[str, Any]:
        """Return what a token says, once its signature holds; keys that changed are asked anew."""
        place = self._discovered("jwks_uri")
        for fresh in (False, True):
            keys: Any = self._document(place, fresh=fresh)
            try:
                read = jwt.decode(
                    token,
                    KeySet.import_key_set(keys),
                    algorithms=_ALGORITHMS,
                )
                return dict(read.claims)
            except (JoseError, ValueError, KeyError) as error:
                failure = error
        raise _refused(f"its token does not hold: {type(failure).__name__}")
