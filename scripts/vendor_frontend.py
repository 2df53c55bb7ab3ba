"""Fetch the web application's styles and scripts, take out what may not be used here, and record
what was taken from where.

    python scripts/vendor_frontend.py            fetch with npm, check, write
    python scripts/vendor_frontend.py --check    only compare the files here with the record

Each package is named with its version and the checksum of its archive. GOV.UK Frontend is MIT; its
typeface and crest are not for sites off GOV.UK, so the rules that name them are taken out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent / "src" / "equipoise" / "web" / "static" / "vendor"
RECORD = HERE / "vendored.json"


def unbranded(css: str) -> str:
    """Take the typeface and the crest out of GOV.UK Frontend's styles."""
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = css.replace("GDS Transport,arial,sans-serif", "var(--face,arial,sans-serif)")
    css = re.sub(r"[a-z-]+:url\([^)]*govuk-crest[^)]*\)[^;}]*;?", "", css)
    css = re.sub(r"/\*# sourceMappingURL=[^*]*\*/", "", css)
    if left := re.findall(r"GDS Transport|url\(/assets[^)]*\)", css):
        sys.exit(f"left in the styles: {left}")
    return css


def unmapped(script: str) -> str:
    """Take out the pointer to a source map that is not served."""
    return re.sub(r"//# sourceMappingURL=\S+", "", script)


def as_it_is(text: str) -> str:
    """Change nothing."""
    return text


@dataclass(frozen=True)
class Package:
    """One package: its archive's checksum, its licence, and the files taken."""

    name: str
    version: str
    integrity: str
    licence: str
    files: Mapping[str, tuple[str, Callable[[str], str]]]


PACKAGES = (
    Package(
        "govuk-frontend",
        "6.3.0",
        "sha512-cXIQxm5PHCsbic47GXZrVBZhAeeshTLRL6ZBKilLsR6rMCjJuW"
        "b7Fruq0VUNMBJFlJk/srsRj/q8d5bM9cgKoA==",
        "MIT",
        {
            "dist/govuk/govuk-frontend.min.css": ("govuk-frontend.css", unbranded),
            "dist/govuk/govuk-frontend.min.js": ("govuk-frontend.js", unmapped),
        },
    ),
    Package(
        "htmx.org",
        "2.0.11",
        "sha512-Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89e"
        "cH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
        "0BSD",
        {"dist/htmx.min.js": ("htmx.js", as_it_is), "LICENSE": ("LICENCE-htmx.txt", as_it_is)},
    ),
)


def fetched(package: Package, folder: Path) -> tarfile.TarFile:
    """Fetch a package's archive with npm and hold it against its checksum."""
    subprocess.run(  # noqa: S603  # the names are those above
        ["npm", "pack", "--silent", f"{package.name}@{package.version}"],  # noqa: S607
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    archive = folder / f"{package.name}-{package.version}.tgz"
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if package.integrity != f"sha512-{digest}":
        sys.exit(f"{package.name} {package.version} has another checksum: sha512-{digest}")
    return tarfile.open(archive)


def sha256(data: bytes) -> str:
    """Return a checksum as the record holds it."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def take() -> None:
    """Fetch every package and write its files and the record."""
    record = []
    HERE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            archive = fetched(package, Path(folder))
            for member, (name, change) in package.files.items():
                handle = archive.extractfile(f"package/{member}")
                assert handle is not None
                before = handle.read()
                after = change(before.decode()).encode()
                (HERE / name).write_bytes(after)
                record.append(
                    {
                        "file": name,
                        "sha256": sha256(after),
                        "package": f"{package.name}@{package.version}",
                        "archive": package.integrity,
                        "member": member,
                        "member_sha256": sha256(before),
                        "licence": package.licence,
                        "changed": before != after,
                    }
                )
    RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def faults() -> list[str]:
    """Return what differs between the files here and the record."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    named = {one["file"]: one["sha256"] for one in record}
    own = {RECORD.name, "LICENCE-govuk-frontend.txt"}
    found = [
        f"{path.name} is not in the record"
        for path in HERE.iterdir()
        if path.name not in {*named, *own}
    ]
    for name, digest in named.items():
        path = HERE / name
        if not path.is_file():
            found.append(f"{name} is missing")
        elif sha256(path.read_bytes()) != digest:
            found.append(f"{name} is not what was fetched")
    return found


if __name__ == "__main__":
    if "--check" not in sys.argv:
        take()
    if wrong := faults():
        sys.exit("\n".join(wrong))
