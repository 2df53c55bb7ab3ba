"""Four sites that share nothing but files: two owners, a linkage unit, a secure room.

Everything is done as people do it, by commands. ``Four`` gives them to each site, and carries files
between the sites; with ``processes`` each command runs in a process of its own, else in this one,
which takes a twentieth of the time.
"""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sites import command, text_of
from typer.testing import CliRunner

from equipoise.cli import main
from equipoise.errors import EquipoiseError

RUNNER = CliRunner(env={"COLUMNS": "100", "TERM": "dumb"})

OWNER, SUPPLIER, UNIT, ROOM = "hmrc", "brightgas", "matching-service", "rebate-team"
REFERENCE = "partners-rebate@1"
PLAYS = {
    OWNER: ("hmrc: owner",),
    SUPPLIER: ("brightgas: owner", "brightgas: recipient"),
    UNIT: ("matching-service: linkage unit",),
    ROOM: ("rebate-team: secure room",),
}
SIGNERS = {
    OWNER: "Amara Osei", SUPPLIER: "Carys Penhale", UNIT: "Farid Noor", ROOM: "Grace Adeyemi",
}  # fmt: skip
DATASETS = {OWNER: "tax_credits", SUPPLIER: "customers_brightgas"}
ROLES = {OWNER: "controller", SUPPLIER: "controller", UNIT: "linkage unit", ROOM: "secure room"}


def agreement_text(version: int = 1) -> str:
    """The fuel poverty agreement between one owner, one supplier, a unit and a room."""
    said: dict[str, Any] = yaml.safe_load(text_of("fuel-poverty"))
    gone = {"voa", "northlight", "homewarm"}
    datasets = {"properties", "customers_northlight", "customers_homewarm"}
    said["agreement"], said["version"] = "partners-rebate", version
    for part, names in (("parties", gone), ("gateway", gone), ("datasets", datasets),
                        ("retention", datasets)):  # fmt: skip
        said[part] = {key: value for key, value in said[part].items() if key not in names}
    del said["linkage"]["entities"]["home"]
    said["linkage"]["entities"]["person"]["join"] = ["customers_brightgas"]
    use = said["uses"]["entitled"]
    use["units"] = ["customers_brightgas"]
    del use["criteria"]["costly home"]
    said["releases"] = [one for one in said["releases"] if one["to"] == SUPPLIER]
    said["outputs"]["entitled"]["checked by"] = [ROOM]
    said["on breach"]["notify"] = [OWNER]
    return yaml.safe_dump(said, sort_keys=False, allow_unicode=True)


def given_here(*words: object) -> tuple[int, Any]:
    """Give a command in this process, as ``equipoise.cli.main.run`` does."""
    done = RUNNER.invoke(main.app, [str(word) for word in words])
    if isinstance(done.exception, EquipoiseError):
        problems = [problem.as_dict() for problem in done.exception.problems]
        return done.exception.exit_code, {"problems": problems}
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, json.loads(done.stdout)


@dataclass
class Four:
    """The sites' folders, and the folder through which files travel."""

    base: Path
    data: Path
    processes: bool = False

    @property
    def post(self) -> Path:
        return self.base / "post"

    @property
    def text(self) -> Path:
        return self.base / "partners-rebate.yaml"

    def site(self, party: str) -> Path:
        return self.base / f"site-{party}"

    def give(self, party: str, *words: object) -> tuple[int, Any]:
        """Give a command at a site; return its exit code and what it printed as JSON."""
        whole = (*words, "--site", self.site(party), "--json")
        if not self.processes:
            return given_here(*whole)
        done = command(*whole)
        try:
            return done.returncode, json.loads(done.stdout)
        except ValueError:
            raise AssertionError(done.stdout + done.stderr) from None

    def do(self, party: str, *words: object) -> Any:
        """Give a command that must succeed."""
        code, said = self.give(party, *words)
        assert code == 0, (party, words, said)
        return said

    def refused(self, party: str, *words: object) -> list[str]:
        """Give a command that must be refused; return the codes."""
        code, said = self.give(party, *words)
        assert code != 0, (party, words, said)
        return [problem["code"] for problem in said["problems"]]

    def copy(self, target: Path) -> Four:
        """Return four sites of one's own that have come as far as these."""
        shutil.copytree(self.base, target)
        return Four(target, self.data)

    def make(self) -> None:
        self.post.mkdir(parents=True)
        self.text.write_text(agreement_text(), encoding="utf-8")
        for party, plays in PLAYS.items():
            words = [word for post in plays for word in ("--plays", post)]
            who = f"{party}/{SIGNERS[party]}"
            self.do(party, "init", "--name", f"Site of {party}", *words,
                    "--enrol", who, "--role", ROLES[party])  # fmt: skip
        analyst = ("--enrol", f"{ROOM}/Nia Bowen", "--role", "rebate analyst")
        self.do(ROOM, "init", *analyst)
        for name in ("Harriet Cole", "Samir Haddad"):
            self.do(ROOM, "init", "--enrol", f"{ROOM}/{name}", "--role", "checker")

    def introduce(self) -> None:
        cards = {}
        for party in PLAYS:
            file = self.post / f"{party}.card.json"
            cards[party] = (file, self.do(party, "partner", "card", "--out", file)["fingerprint"])
        for party in PLAYS:
            for other, (file, fingerprint) in cards.items():
                if other != party:
                    self.do(party, "partner", "add", file, "--fingerprint", fingerprint)

    def sign(self, text: Path | None = None, reference: str = REFERENCE) -> None:
        """Each party signs at its own site; the last file is given to all."""
        file = self.post / f"{reference}.agreement.json"
        for number, (party, name) in enumerate(SIGNERS.items()):
            if number == 0:
                self.do(party, "sign", text or self.text, "--as", name)
            else:
                self.do(party, "agreement", "import", file)
                self.do(party, "sign", reference, "--as", name)
            self.do(party, "agreement", "export", reference, "--out", file)
        for party in SIGNERS:
            said = self.do(party, "agreement", "import", file)
            assert (said["state"], said["missing"]) == ("signed", [])

    def share_secret(self, reference: str = REFERENCE) -> str:
        """The first owner makes the secret, the second takes it; return the sealed file's path."""
        made = self.do(OWNER, "secret", "make", reference)
        (sealed,) = made["files"]
        taken = self.do(SUPPLIER, "secret", "take", sealed, reference)
        assert taken["fingerprint"] == made["fingerprint"]
        return str(sealed)

    def pack(self, party: str, reference: str = REFERENCE) -> dict[str, Path]:
        """Pack a site's dataset; return its parcels by kind, as they lie in the post."""
        said = self.do(party, "pack", reference, DATASETS[party], "--data",
                       self.data / f"{DATASETS[party]}.csv")  # fmt: skip
        return self.posted(said["parcels"])

    def posted(self, paths: list[str]) -> dict[str, Path]:
        """Copy parcels into the post; return them by kind."""
        sent = {}
        for path in map(Path, paths):
            sent[path.name.split("--")[1]] = Path(shutil.copy(path, self.post))
        return sent

    def links(self, reference: str = REFERENCE) -> Path:
        """The newest parcel of links that the linkage unit made, in the post."""
        folder = self.site(UNIT) / "parcels" / reference
        newest = max(folder.glob("*--links--*"), key=lambda path: path.stat().st_mtime_ns)
        return Path(shutil.copy(newest, self.post))

    def deliver(self, party: str, reference: str = REFERENCE) -> dict[str, Path]:
        """Pack, and let both rooms receive their half."""
        sent = self.pack(party, reference)
        self.do(UNIT, "receive", sent["encodings"], reference)
        self.do(ROOM, "receive", sent["payload"], reference)
        return sent

    def release(self) -> Path:
        """Carry out the use in the secure room, review and release it; return the package."""
        said = self.do(ROOM, "run", REFERENCE, "--as", "Nia Bowen")
        run = said["runs"][0]["run"]
        for name in ("Harriet Cole", "Samir Haddad"):
            self.do(ROOM, "review", run, "--as", name, "--approve", "--reason", "Every count seen.")
        (released,) = self.do(ROOM, "release", run)
        assert released["to"] == SUPPLIER
        return Path(shutil.copy(self.site(ROOM) / released["file"], self.post))

    def ledger(self, party: str) -> list[dict[str, Any]]:
        entries = self.do(party, "ledger", "--last", "10000")
        assert isinstance(entries, list)
        return entries

    def truth(self) -> dict[str, bool]:
        """Account -> whether its holder has a tax credit, as the city planted it."""
        with (self.data / "truth" / "who_is_who.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        with (self.data / "tax_credits.csv").open(encoding="utf-8-sig") as file:
            award = {str(n): row for n, row in enumerate(csv.DictReader(file), start=1)}
        on_credit = {
            row["person"]
            for row in rows
            if row["dataset"] == "tax_credits" and award[row["row"]]["on_credit"] == "Y"
        }
        return {
            row["key"]: row["person"] in on_credit
            for row in rows
            if row["dataset"] == "customers_brightgas"
        }
