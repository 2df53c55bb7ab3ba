"""A key of one's own: its public half is handed in, and what it signs elsewhere is taken here."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.contrib.auth.hashers import ScryptPasswordHasher
from typer.testing import CliRunner
from visiting import Place, Visitor, made, served

from equipoise.account.receipts import fingerprint
from equipoise.acts.drafts import begin_draft, example_text, put_forward
from equipoise.acts.own_key import OwnKey, enrol_with_key, make_own_key, own_key, public_key_in
from equipoise.acts.sign import sign
from equipoise.acts.site import enrol
from equipoise.agree.parse import parse
from equipoise.cli.main import app
from equipoise.errors import EquipoiseError, GateRefused

TEXT = example_text("lalonde")
AGREED = parse(TEXT).agreement
JO, KIT = "Jo Bell", "Kit Moran"
PARTIES = {said.signatory.name: party for party, said in AGREED.parties.items()}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A real site on which nobody has a key yet who signs."""
    found = made(tmp_path_factory.mktemp("own-keys"), practice=False)
    enrol(found.site, "council", "Dora Reed", roles=("drafter",))
    yield from served(found)


@pytest.fixture(scope="module")
def amara(place: Place) -> Visitor:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ScryptPasswordHasher, "work_factor", 2)
        return place.signed_in("Amara Osei")


def said(response: object) -> str:
    return unescape(re.sub(r"\s+", " ", response.content.decode()))  # type: ignore[attr-defined]


def asked(**fields: str) -> dict[str, str]:
    return {"party": "hmrc", "name": "Una Field", "post": "", "others": "", **fields}


def private(kind: str) -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def rsa() -> str:
    public = generate_private_key(65537, 2048).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


NO_POINT = next(
    raw for raw in (bytes([n]) + bytes(31) for n in range(2, 50))
    if pow((raw[0] ** 2 - 1) * (-121665 * pow(121666, -1, 2**255 - 19) * raw[0] ** 2 + 1),
           (2**255 - 20) // 2, 2**255 - 19) not in (0, 1)
)  # fmt: skip
BAD = {
    "nothing like it": ("my key", "ACT293"),
    "31 bytes": ("ab" * 31, "ACT293"),
    "33 bytes": (base64.b64encode(b"x" * 33).decode(), "ACT293"),
    "no digits": ("zz" * 32, "ACT293"),
    "no base64": ("*" * 44, "ACT293"),
    "broken block": ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "ACT293"),
    "another algorithm": (rsa(), "ACT293"),
    "another line": ("ssh-dss AAAA", "ACT293"),
    "a fingerprint of another": (f"Public key: {'ab' * 32}\nFingerprint: {'cd' * 16}", "ACT293"),
    "a private key": (private("pem"), "ACT294"),
    "noughts": ("00" * 32, "ACT295"),
    "order one": ("01" + "00" * 31, "ACT295"),
    "order eight": ("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "ACT295"),
    "two ways to write it": ((2**255 - 19 + 3).to_bytes(32, "little").hex(), "ACT295"),
    "no point": (NO_POINT.hex(), "ACT295"),
}


@pytest.mark.parametrize("given", list(BAD))
def test_what_is_no_sound_public_key_is_refused_at_its_field(
    place: Place, amara: Visitor, given: str
) -> None:
    text, code = BAD[given]
    before = len(place.site.people())
    refused = amara.send("/people/enrol", **asked(public_key=text))
    page = said(refused)
    assert refused.status_code == 422 and code in page
    assert '<a href="#public_key">' in page, "the summary leads to the field"
    assert 'id="public_key-error"' in page and "Una Field" in page
    assert len(place.site.people()) == before
    if code == "ACT294":
        assert text.split("\n")[1] not in page, "a private key is not sent back"


def test_everything_wrong_is_told_at_once_and_a_key_has_one_holder(
    place: Place, amara: Visitor
) -> None:
    wrong = asked(party="H M", name="a/b", public_key="x")
    page = said(amara.send("/people/enrol", **wrong))
    assert page.count("ACT297") >= 4 and "ACT293" in page
    page = said(amara.send("/people/enrol", **asked(public_key="")))
    assert "Paste their public key" in page
    theirs = place.person("Ben Hale").public_key
    page = said(amara.send("/people/enrol", **asked(public_key=theirs.upper())))
    assert "ACT296" in page and "that of Ben Hale of council" in page
    other = OwnKey(Ed25519PrivateKey.generate()).public_key
    taken = amara.send("/people/enrol", **asked(party="council", name="Ben Hale", public_key=other))
    assert taken.status_code == 409 and "STO012" in said(taken)
    with pytest.raises(GateRefused, match="ACT250"):
        enrol_with_key(place.site, "hmrc", "Una", other, by=place.person("Ben Hale"))


def test_each_way_to_write_a_public_key_is_read() -> None:
    key = Ed25519PrivateKey.generate().public_key()
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    ssh = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    written = (raw.hex(), raw.hex().upper(), f" {raw.hex()}\n", pem, f"{ssh} jo@laptop",
               base64.b64encode(raw).decode(),
             f"Public key:  {raw.hex()}\r\nFingerprint: {fingerprint(raw.hex())}\r\n")  # fmt: skip
    assert {public_key_in(text) for text in written} == {raw.hex()}


def test_an_own_key_is_made_once_and_shown_to_nobody(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    found = make_own_key(file, "plough lantern")
    assert file.stat().st_mode & 0o077 == 0 and [*tmp_path.iterdir()] == [file]
    assert b"ENCRYPTED" in file.read_bytes() and "shown" in repr(found)
    with pytest.raises(TypeError):
        found.__reduce__()
    with pytest.raises(EquipoiseError, match="ACT290"):
        make_own_key(file)
    assert own_key(file, lambda: "plough lantern").public_key == found.public_key
    for path, word, code in (
        (file, "another", "ACT292"),
        (tmp_path / "none", "", "ACT291"),
        (Path(__file__), "", "ACT292"),
    ):
        with pytest.raises(EquipoiseError, match=code):
            own_key(path, lambda word=word: word)  # type: ignore[misc]
    assert public_key_in(found.public_pem) == found.public_key


def run(*words: str, ask: str = "") -> str:
    done = CliRunner().invoke(app, [*words], input=ask)
    if done.exception is not None:
        raise done.exception
    return done.output


def test_from_an_own_key_to_the_gate(place: Place, amara: Visitor, tmp_path: Path) -> None:
    """Made by command, enrolled on the page, signed with on the page, accepted by the gate."""
    key = tmp_path / "jo.pem"
    words = run("key", "make", str(key), "--passphrase", ask="lantern plough\nlantern plough\n")
    public = re.search(r"Public key: +([0-9a-f]{64})", words)
    assert public
    assert public[1] in run("key", "show", str(key), ask="lantern plough\n")
    sent = asked(party=PARTIES[JO], name=JO, public_key=public[1], post="Head of data",
                 others=", ".join(AGREED.parties[PARTIES[JO]].roles))  # fmt: skip
    for _ in range(2):
        done = amara.send("/people/enrol", **sent)
        assert done.status_code == 302, "sent twice, done once"
    assert fingerprint(public[1]) in said(amara.get("/people/"))
    site = place.site
    assert not site.custody.holds_key_of(PARTIES[JO], JO), "the site has no private key of hers"
    trusted = [one for one in site.store.entries() if one.act == "key trusted"]
    assert trusted[-1].actor == "council/Amara Osei" and trusted[-1].detail["person"].endswith(JO)

    kit = OwnKey(Ed25519PrivateKey.generate())
    roles = AGREED.parties[PARTIES[KIT]].roles
    enrol_with_key(site, PARTIES[KIT], KIT, kit.public_pem, roles=tuple(roles),
                   by=place.person("Amara Osei"))  # fmt: skip
    begin_draft(site, "lalonde", TEXT, place.person("Dora Reed"))
    reference = put_forward(site, "lalonde", place.person("Dora Reed"), revision=1).reference
    jo = place.signed_in(JO)
    page = said(jo.get(f"/agreements/{reference}/sign"))
    assert "--key my-key.pem" in page and fingerprint(public[1]) in page
    link = re.search(r'href="([^"]+/statement/[^"]+)"', page)
    at_moment = re.search(r'name="at" value="([^"]+)"', page)
    assert link and at_moment
    (tmp_path / "statement").write_bytes(jo.get(link[1]).content)
    (tmp_path / "text.yaml").write_bytes(jo.get(f"/agreements/{reference}/text").content)
    signing = ("sign", str(tmp_path / "text.yaml"), "--statement", str(tmp_path / "statement"))
    out = ("--out", str(tmp_path / "signature.json"))
    run(*signing, "--as", JO, "--key", str(key), *out, ask="lantern plough\n")
    given = (tmp_path / "signature.json").read_text()
    other = OwnKey(Ed25519PrivateKey.generate()).sign((tmp_path / "statement").read_bytes())
    wrong = jo.send(f"/agreements/{reference}/sign", at=at_moment[1], signature=other)
    assert wrong.status_code == 409 and "AGR307" in said(wrong)
    taken = jo.send(f"/agreements/{reference}/sign", at=at_moment[1], signature=given)
    assert taken.status_code == 302
    assert f"Still to sign: {KIT}" in said(jo.get(taken["Location"]))

    with pytest.raises(EquipoiseError, match="ACT279"):
        sign(site, reference, KIT)
    file = tmp_path / "jobs.csv"
    file.write_text("nothing\n1\n")
    assert asked_of_the_gate(place, reference, file) == {"GAT"}, "not everybody has signed"
    sign(site, reference, KIT, kit)
    assert site.store.agreement(reference).state == "signed"
    assert asked_of_the_gate(place, reference, file) == {"INT"}, "the gate let it through"


def asked_of_the_gate(place: Place, reference: str, file: Path) -> set[str]:
    """The first letters of the codes with which packing a file without any field ends."""
    from equipoise.acts.pack import pack

    dataset = next(iter(AGREED.datasets))
    with pytest.raises(EquipoiseError) as refused:
        pack(place.site, reference, dataset, file)
    return {problem.code[:3] for problem in refused.value.problems}


def test_whoever_runs_the_site_enrols_by_a_public_key_too(tmp_path: Path) -> None:
    held = Ed25519PrivateKey.generate()
    (tmp_path / "kit.pem").write_bytes(
        held.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    public = tmp_path / "kit.pub"
    public.write_text(OwnKey(held).public_pem)
    at = ("--site", str(tmp_path / "site"))
    enrolling = ("init", *at, "--public-key", str(public))
    with pytest.raises(EquipoiseError, match="CLI031"):
        run(*enrolling, "--enrol", "a/B", "--enrol", "a/C")
    run(*enrolling, "--enrol", f"{PARTIES[KIT]}/{KIT}")
    again = run(*enrolling, "--enrol", f"{PARTIES[KIT]}/{KIT}", "--role", "controller")
    assert f"Enrolled: {KIT} ({PARTIES[KIT]}), controller" in again
    file = tmp_path / "lalonde.yaml"
    file.write_text(TEXT, encoding="utf-8")
    signing = ("sign", str(file), *at, "--as", KIT)
    with pytest.raises(EquipoiseError, match="ACT279"):
        run(*signing)
    assert f"Still to sign: {JO}" in run(*signing, "--key", str(tmp_path / "kit.pem"))


@pytest.mark.skipif(not shutil.which("openssl"), reason="OpenSSL's command is not installed")
def test_openssl_makes_a_key_and_a_signature_that_are_taken(place: Place, tmp_path: Path) -> None:
    def openssl(*words: str) -> bytes:
        return subprocess.run(
            [shutil.which("openssl") or "", *words], check=True, capture_output=True,
            cwd=tmp_path, env={"PATH": os.environ["PATH"]},
        ).stdout  # fmt: skip

    openssl("genpkey", "-algorithm", "ed25519", "-out", "k.pem")
    public = public_key_in(openssl("pkey", "-in", "k.pem", "-pubout").decode())
    assert own_key(tmp_path / "k.pem", str).public_key == public
    (tmp_path / "statement").write_bytes(b"as it is")
    value = openssl("pkeyutl", "-sign", "-rawin", "-inkey", "k.pem", "-in", "statement")
    assert value.hex() == own_key(tmp_path / "k.pem", str).sign(b"as it is")
