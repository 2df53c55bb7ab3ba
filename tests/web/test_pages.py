"""Every page: for whom it is, what its headers forbid, and how it says no."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import URLPattern, get_resolver, reverse
from visiting import Place

from equipoise.errors import EnvironmentFailed, EquipoiseError, Problem
from equipoise.web import assets, refusals
from equipoise.web.request import is_open_to_all

ROOT = Path(__file__).parents[2]
OPEN = {
    "health", "sign-in", "step-in", "elsewhere", "elsewhere-return", "sign-out", "invitation",
    "register", "register-file", "survey-vote", "survey-idea", "survey-results",
    "join", "join-workshop", "join-table", "phone", "phone-now", "phone-answer", "phone-seat",
    "phone-read", "phone-results", "phone-question", "wall", "wall-now",
}  # fmt: skip
"""The pages that are for everybody. A new one is added here by a decision, not by oversight."""

KEPT_BY_ROLE = {"people"}


def patterns() -> list[URLPattern]:
    return [one for one in get_resolver("equipoise.web.urls").url_patterns]  # noqa: C416


def example(one: URLPattern) -> str:
    assert one.name is not None
    parts = {"token": "nosuch", "path": "nosuch.html", "card_id": "A", "name": "nosuch"}
    parts |= {"what": "close", "act": "suspend", "file": "report.json"}
    parts |= {"party": "nosuch"}
    parts |= {"number": "1", "section": "rater", "entry": "new"}
    parts |= {"reference": "nosuch@1", "at": "2026-01-01T00:00:00Z"}
    parts |= {"code": "BCDFGH", "key": "nosuch", "table": "1", "question_id": "nosuch"}
    wanted = {key: parts[key] for key in one.pattern.regex.groupindex}
    return reverse(one.name, urlconf="equipoise.web.urls", kwargs=wanted or None)


def test_only_the_pages_named_here_are_open_to_all() -> None:
    assert {one.name for one in patterns() if is_open_to_all(one.callback)} == OPEN


def test_a_stranger_is_sent_to_sign_in_and_back_again_afterwards(place: Place) -> None:
    stranger = place.visitor()
    for one in patterns():
        if one.name not in OPEN:
            sent = stranger.get(example(one))
            assert sent.status_code == 302, one.name
            assert sent["Location"].startswith("/sign-in")
    sent = stranger.get("/account/password")
    assert sent["Location"] == "/sign-in?next=%2Faccount%2Fpassword"


def test_nobody_is_sent_on_to_another_site(place: Place) -> None:
    visitor = place.signed_in("Ben Hale")
    visitor.send("/sign-out", "/account/")
    for wanted in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1"):
        begun = visitor.send(
            "/sign-in", sign_in="ben@example.org", password="plough-lantern-quiver", next=wanted
        )
        assert begun["Location"] == "/sign-in/code"
    done = visitor.send("/sign-in/code", code=visitor.code())
    assert done["Location"] == "/"


def test_every_page_forbids_what_is_not_of_this_site(place: Place) -> None:
    visitor = place.signed_in("Amara Osei")
    addresses = [example(one) for one in patterns()] + ["/nowhere"]
    for address in addresses:
        for response in (visitor.get(address), place.visitor().get(address)):
            policy = response["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy and "script-src 'self'" in policy
            assert response["X-Content-Type-Options"] == "nosniff"
            assert response["X-Frame-Options"] == "DENY"
            assert response["Referrer-Policy"] == "same-origin"
            assert response["Cache-Control"] == "no-store"


def test_no_page_holds_a_script_or_a_style_or_asks_elsewhere_for_anything(place: Place) -> None:
    visitor = place.signed_in("Amara Osei")
    for one in patterns():
        text = visitor.get(example(one)).content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text), one.name
        for script in re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL):
            assert script == ""
        for address in re.findall(r'(?:src|href|action)="([^"]*)"', text):
            assert address.startswith(("/", "#", "data:image/svg+xml;")), address


def test_every_page_says_where_it_is_and_lets_the_keyboard_skip(place: Place) -> None:
    visitor = place.signed_in("Amara Osei")
    titles = set()
    for one in patterns():
        response = visitor.get(example(one))
        if "text/html" not in response.get("Content-Type", "") or response.status_code == 302:
            continue
        text = response.content.decode()
        assert '<html lang="en-GB"' in text
        assert text.count("<h1") == 1
        assert 'href="#main-content" class="govuk-skip-link"' in text
        assert "Harbour &lt;b&gt;&amp;&lt;/b&gt; Hill" in text
        titles.add(re.search(r"<title>(.*?)</title>", text)[1])  # type: ignore[index]
    assert len(titles) > 8


def test_the_brand_is_nobodys_government(place: Place) -> None:
    text = place.visitor().get("/sign-in").content.decode()
    styles = " ".join(path.read_text() for path in assets.FOLDER.rglob("*.css"))
    for forbidden in ("GDS Transport", "govuk-crest", "url(/assets"):
        assert forbidden not in styles
    for forbidden in ("crown", "GOV.UK", "govuk-logo"):
        assert forbidden not in text


def test_what_was_vendored_is_what_was_fetched() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "vendor_frontend.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    vendored = assets.FOLDER / "vendor"
    record = json.loads((vendored / "vendored.json").read_text())
    assert {one["licence"] for one in record} == {"MIT", "0BSD"}
    assert "MIT License" in (vendored / "LICENCE-govuk-frontend.txt").read_text()


def test_files_are_kept_for_long_and_change_their_address_with_their_content(place: Place) -> None:
    visitor = place.visitor()
    address = assets.asset("equipoise.css")
    whole = visitor.get(address)
    assert "immutable" in whole["Cache-Control"]
    assert whole.content == (assets.FOLDER / "equipoise.css").read_bytes()
    small = visitor.get(address, headers={"accept-encoding": "gzip"})
    assert small["Content-Encoding"] == "gzip" and len(small.content) < len(whole.content)
    assert visitor.get("/static/0000000000000000/equipoise.css").status_code == 404
    assert visitor.get("/static/../settings.py").status_code == 404
    assert visitor.post(address).status_code == 404


def test_a_page_of_a_practice_site_says_so(practice: Place) -> None:
    assert "This is a practice site" in practice.visitor().get("/register/").content.decode()


def test_a_refusal_is_a_page_with_its_code_why_and_what_next(place: Place) -> None:
    checker = place.signed_in("Ben Hale")
    refused = checker.get("/people/")
    assert refused.status_code == 403
    text = refused.content.decode()
    for said in ("ACT250", "Ben Hale may not keep accounts", "administrator", "Ask an admin"):
        assert said in text
    missing = checker.get("/cards/none/")
    assert missing.status_code == 404 and "WEB001" in missing.content.decode()


def test_a_form_from_elsewhere_is_not_taken(place: Place) -> None:
    visitor = place.signed_in("Amara Osei")
    refused = visitor.post("/people/invite", {"person": "council/Ben Hale"})
    assert refused.status_code == 403 and "WEB004" in refused.content.decode()
    refused = visitor.post("/account/sign-out-everywhere", headers={"origin": "https://evil.test"})
    assert refused.status_code == 403
    assert visitor.get("/account/").status_code == 200


def test_a_host_that_is_not_ours_and_a_body_that_is_too_long_are_turned_away(place: Place) -> None:
    visitor = place.visitor()
    elsewhere = visitor.get("/health", headers={"host": "evil.example"})
    assert elsewhere.status_code == 400
    assert "frame-ancestors 'none'" in elsewhere["Content-Security-Policy"]
    assert elsewhere["Cache-Control"] == "no-store"
    refused = visitor.send("/sign-in", sign_in="x" * 3_000_000, password="y")
    assert refused.status_code == 400 and "WEB002" in refused.content.decode()


def test_a_fault_says_where_and_never_what(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = place.signed_in("Amara Osei")

    def breaks(*_: object) -> None:
        raise ValueError("Ada Secret, born 1 April 1980")

    monkeypatch.setattr("equipoise.web.pages.home.waiting_for", breaks)
    broken = visitor.get("/")
    assert broken.status_code == 500
    text = broken.content.decode()
    assert "WEB099" in text and "ValueError" in text and "home:" in text
    assert "Ada Secret" not in text + caplog.text
    assert "WEB099 ValueError" in caplog.text


def test_a_database_that_does_not_answer_is_told_in_words(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise EnvironmentFailed(Problem("STO002", "the site's database cannot be opened"))

    visitor = place.signed_in("Amara Osei")
    monkeypatch.setattr(type(place.site.store), "last_entry", fails)
    assert visitor.get("/health").status_code == 503
    monkeypatch.undo()
    assert visitor.get("/health").content == b"well\n"
    monkeypatch.setattr("equipoise.web.doors.whose", fails)
    visitor.raise_request_exception = False
    failed = visitor.get("/account/")
    assert failed.status_code == 503 and "STO002" in failed.content.decode()


def test_each_kind_of_refusal_has_its_status() -> None:
    for kind in EquipoiseError.__subclasses__():
        assert refusals.status_of(kind([])) != 500, kind


def test_the_published_register_is_served_as_it_is_and_nothing_beside_it(place: Place) -> None:
    visitor = place.visitor()
    assert "not published yet" in visitor.get("/register/").content.decode()
    folder = place.site.folder("register")
    (folder / "index.html").write_text("<h1>The register</h1>")
    (folder / "pictures").mkdir()
    (folder / "pictures" / "a.svg").write_text("<svg/>")
    (folder / "secret.txt").write_text("x")
    assert visitor.get("/register/").content == b"<h1>The register</h1>"
    assert visitor.get("/register/pictures/a.svg")["Content-Type"] == "image/svg+xml"
    for path in (
        "../equipoise.toml",
        "..%2fequipoise.toml",
        "secret.txt",
        "pictures",
        "/etc/passwd",
        "a%00b.html",
        "a" * 300 + ".html",
    ):
        assert visitor.get(f"/register/{path}").status_code == 404, path


def test_a_link_from_another_site_asks_again_so_that_the_session_comes_along(place: Place) -> None:
    stranger = place.visitor()
    crossing = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    answer = stranger.get("/account/?a=1&b=2", headers=crossing)
    assert answer.status_code == 200
    assert 'content="0; url=/account/?a=1&amp;b=2"' in answer.content.decode()
    within = stranger.get("/account/", headers={"sec-fetch-site": "same-origin"})
    assert within.status_code == 302


def test_over_https_cookies_are_bound_to_this_host_and_to_https(place: Place) -> None:
    visitor = place.visitor()
    visitor.defaults["wsgi.url_scheme"] = "https"
    token = place.invited("Ben Hale")
    seen = visitor.get(f"/invitation/{token}", secure=True)
    assert seen["Strict-Transport-Security"].startswith("max-age=")
    assert seen.cookies["form"]["secure"] and seen.cookies["form"]["httponly"]


def test_every_card_has_its_page(place: Place) -> None:
    visitor = place.signed_in("Ben Hale")
    listed = visitor.get("/cards/").content.decode()
    links = re.findall(r'href="(/cards/[^"]+)"', listed)
    assert len(links) >= 15
    for link in links:
        assert visitor.get(link).status_code == 200
