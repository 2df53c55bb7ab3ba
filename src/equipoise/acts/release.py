"""Release: what two people approved goes to whom the agreement names, and to nobody else.

A package is written under a draft name, its record and ledger entry are committed, and only then
does the file get its name: a crash leaves a release that happened or one that did not.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from equipoise.acts.admit import admitted
from equipoise.acts.counts import about
from equipoise.acts.files import write_draft, write_whole
from equipoise.acts.results import outputs_digest, read_results
from equipoise.acts.rooms import at_work
from equipoise.acts.site import Site
from equipoise.agree.canonical import canonical_bytes, digest, digest_of
from equipoise.agree.document import Agreement
from equipoise.agree.parse import Parsed
from equipoise.agree.parts import Release
from equipoise.carry.disclose import Checked
from equipoise.carry.package import About, Approval, Package, make_package, open_package
from equipoise.errors import EnvironmentFailed, IntegrityRefused, Problem, StateRefused
from equipoise.gate.passage import Passage
from equipoise.gate.requests import to_release
from equipoise.store.facts import Person, Released, Run

PRACTICE = ("This is practice: the people who signed, and those in the data, are invented.",)


def release(site: Site, run_name: str, person: Person) -> Run:
    """Release an approved run to every recipient its agreement names.

    Raises ``StateRefused`` (ACT063) when the run is not in review, and ``GateRefused`` when an
    approval is missing. Called again after a crash, it goes on with the recipients still waiting.
    """
    with at_work(site, site.store.run(run_name).reference):
        return _release(site, site.store.run(run_name), person)


def _release(site: Site, run: Run, person: Person) -> Run:
    if run.state != "in review":
        raise StateRefused(
            Problem(
                "ACT063",
                f"run {run.run} is {run.state} and cannot be released",
                next="only a run in review, approved by two people, is released",
            )
        )
    parsed = site.frozen(run.reference)
    clauses = [clause for clause in parsed.agreement.releases if clause.of == run.use]
    if not clauses:
        raise StateRefused(
            Problem(
                "ACT065",
                f"the agreement names nobody who receives {run.use}",
                why="a result without a release clause stays in the secure room",
                next="agree a release in a new version",
                clause="releases",
            )
        )
    done = {released.recipient for released in run.releases}
    waiting = [clause for clause in clauses if clause.to not in done]
    for clause in waiting:
        _release_to(site, parsed, run, clause, person, last=clause is waiting[-1])
    return site.store.run(run.run)


def _approved(passage: Passage, run: Run) -> list[Checked]:
    """Return the outputs as they are held. Raises ``IntegrityRefused`` (ACT066) when they are not
    the very ones that were checked and approved."""
    held = read_results(passage, run)
    if outputs_digest(held) != run.facts["checked"]:
        raise IntegrityRefused(
            Problem(
                "ACT066",
                f"what is held of run {run.run} is not what was approved",
                why="it was changed after two people looked at it",
                next="reject the run, find out who changed it, and run the use again",
            )
        )
    return held


def _suits(clause: Release, each: Checked) -> bool:
    """Say whether an output is part of a release: own rows to their party, else group figures."""
    if clause.rows == "own":
        return each.output.kind == "rows" and each.output.party == clause.to
    if clause.rows == "all":
        return each.output.kind in ("rows", "linked")
    return each.output.kind in ("counts", "estimates")


def _release_to(
    site: Site, parsed: Parsed, run: Run, clause: Release, person: Person, *, last: bool
) -> None:
    agreement = parsed.agreement
    request = to_release(agreement, run.use, clause.to, person.party, person.name)
    with admitted(site, parsed, request, run) as passage:
        outputs = [each for each in _approved(passage, run) if _suits(clause, each)]
        data, plain = _package(site, agreement, run, clause, outputs, passage)
        manifest = digest_of(_manifest_bytes(site, plain))
        folder = site.folder("outbox") / clause.to
        path = folder / f"{run.run}.zip{'.age' if clause.rows != 'none' else ''}"
        draft = write_draft(path, data)
        rows = sum(each.output.table.num_rows for each in outputs)
        passage.hashes[f"release/{clause.to}"] = digest_of(data)
        with site.store.change(person.key) as change:
            form = agreement.outputs[run.use].form
            told = Released(
                clause.to, run.use, form, rows, digest_of(data),
                str(path.relative_to(site.directory)), change.now,
            )  # fmt: skip
            change.release(run.run, told)
            change.note(
                "released",
                f"release:{run.run}/{clause.to}",
                digest(agreement),
                run=f"run:{run.run}",
                to=clause.to,
                output=run.use,
                checked=str(run.facts["checked"]),
                manifest=manifest,
                sha256=digest_of(data),
                form=form,
                **({"rows": about(agreement, rows)} if clause.rows != "none" else {}),
            )
            if last:
                change.move_run(run.run, "release")
    draft.replace(path)


def _package(
    site: Site,
    agreement: Agreement,
    run: Run,
    clause: Release,
    outputs: list[Checked],
    passage: Passage,
) -> tuple[bytes, bytes]:
    """Return the package as it leaves, and as it was before it was sealed: its recipient may be at
    another site, so that nobody here could open it again."""
    rule = agreement.outputs[run.use]
    about = About(
        title=f"{agreement.title}: {run.use}",
        reference=agreement.reference,
        digest=digest(agreement),
        run=run.run,
        use=run.use,
        recipient=clause.to,
        form=rule.form,
        min_count=rule.min_count,
        round_to=rule.round_to,
        created=site.clock().isoformat(),
        approvals=tuple(
            Approval.of(r.name, r.party, r.at.isoformat(), r.bound_reason())
            for r in run.reviews
            if r.decision == "approve"
        ),
    )
    whole = clause.rows == "none"
    plain: list[bytes] = []
    data = make_package(
        about,
        outputs,
        statement=(*(PRACTICE if site.practice else ()), *(run.sentences if whole else ())),
        pictures=run.shown["pictures"] if whole else {},
        signer=site.custody.site_signer(),
        seal=None if whole else _keeping(plain, passage.seal_for_party(clause.to)),
    )
    return data, (plain or [data])[0]


def _keeping(plain: list[bytes], seal: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def sealing(whole: bytes) -> bytes:
        plain.append(whole)
        return seal(whole)

    return sealing


def _manifest_bytes(site: Site, plain: bytes) -> bytes:
    package = open_package(plain, public_key=site.custody.site_key())
    return canonical_bytes(dict(package.manifest))


def opened_package(site: Site, party: str, data: bytes) -> Package:
    """Open a release as its recipient does, with every check of its signature and files.

    It is signed by the site of the secure room: this one, or a partner whose card says so.
    """
    keys = [site.custody.site_key()]
    keys += [a.site_key for a in site.custody.addresses().values() if a.role == "secure room"]
    problems: tuple[Problem, ...] = ()
    for key in dict.fromkeys(keys):
        try:
            return open_package(
                data,
                public_key=key,
                unseal=lambda body: site.custody.unseal_for(party, body),
            )
        except IntegrityRefused as error:
            problems = problems or error.problems
    raise IntegrityRefused(problems)


def accept(site: Site, party: str, path: Path, out: Path) -> tuple[Path, ...]:
    """As a recipient: check a release package and write its files to ``out``.

    Raises ``EnvironmentFailed`` (ACT064) when it cannot be read, and what the package's checks
    refuse.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EnvironmentFailed(
            Problem(
                "ACT064",
                "the package cannot be read",
                why=error.strerror or "",
                next="give the path of the package as it came from the secure room, a file that "
                "you may read; if it was lost on the way, ask there for it again",
                file=str(path),
            )
        ) from error
    package = opened_package(site, party, data)
    about = package.manifest["about"]
    person = site.actor_for(site.frozen(about["reference"]).agreement, party)
    with site.store.change(person.key) as change:
        change.note(
            "release opened",
            f"release:{about['run']}/{party}",
            about["digest"],
            sha256=digest_of(data),
        )
    written = [write_whole(out / name, content) for name, content in package.files.items()]
    for file in written:
        file.chmod(0o600)
    return tuple(written)
