#!/usr/bin/env python3
"""Prints the bill of materials of a release as SPDX 2.3: what Package.resolved names, and the Debian packages that the
program is linked with.

    sbom.py PROGRAM VERSION SECONDS    SECONDS since 1970 are the document's time
"""

import datetime
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
program, version, seconds = sys.argv[1:]


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def licence(identity: str, location: str) -> str:
    """What a checkout's licence file says that it is."""
    names = {identity.casefold(), pathlib.PurePosixPath(location).stem.casefold()}
    for folder in (ROOT / ".build/checkouts").iterdir():
        if folder.name.casefold() not in names | {f"{name}.git" for name in names}:
            continue
        for file in sorted(folder.glob("LICENSE*")):
            text = file.read_text(encoding="utf-8")
            if "Apache License" in text:
                exception = "Runtime Library Exception" in text
                return "Apache-2.0 WITH Swift-exception" if exception else "Apache-2.0"
            if "Permission is hereby granted, free of charge" in text:
                return "MIT"
    return "NOASSERTION"


def element(name: str, version: str, url: str, locator: str, licence: str) -> dict:
    identifier = re.sub(r"[^A-Za-z0-9.-]", "-", name)
    return {
        "name": name, "SPDXID": f"SPDXRef-{identifier}", "versionInfo": version, "downloadLocation": url,
        "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": licence,
        "copyrightText": "NOASSERTION",
        "externalRefs": [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator}
        ],
    }  # fmt: skip


resolved = json.loads((ROOT / "Package.resolved").read_text())
swift = []
for pin in sorted(resolved["pins"], key=lambda pin: pin["identity"]):
    location = re.sub(r"\.git$", "", pin["location"])
    state = pin["state"]
    number = state.get("version", state["revision"])
    item = element(
        pin["identity"], number, f"git+{location}@{state['revision']}",
        f"pkg:swift/{location.removeprefix('https://')}@{number}", licence(pin["identity"], location),
    )  # fmt: skip
    swift.append(item)
if not swift:
    sys.exit("error: Package.resolved has no pin")
toolchain = re.search(r"Swift version (\S+)", output("swift", "--version"))[1]
swift.append(
    element(
        "swift", toolchain, f"git+https://github.com/swiftlang/swift@swift-{toolchain}-RELEASE",
        f"pkg:swift/github.com/swiftlang/swift@{toolchain}", "Apache-2.0 WITH Swift-exception",
    )
)  # fmt: skip

debian = []
needed = re.findall(r"NEEDED\s+(\S+)", output("objdump", "--private-headers", program))
owners = {line.split(":")[0] for name in needed for line in output("dpkg-query", "--search", f"*/{name}").splitlines()}
for owner in sorted(owners):
    shown = output("dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Version} ${Architecture}", owner)
    status, number, architecture = shown.split()[:3]
    if status == "installed":
        locator = f"pkg:deb/debian/{owner}@{number}?arch={architecture}&distro=debian-12"
        debian.append(element(owner, number, "NOASSERTION", locator, "NOASSERTION"))

digest = hashlib.sha256(pathlib.Path(program).read_bytes()).hexdigest()
own = element("symbolon", version, "NOASSERTION", f"pkg:generic/symbolon@{version}", "Apache-2.0")
own["checksums"] = [{"algorithm": "SHA256", "checksumValue": digest}]
own["primaryPackagePurpose"] = "APPLICATION"
# What the document is for stands in its name, so that another program's is another document.
space = uuid.uuid5(uuid.NAMESPACE_URL, f"symbolon {version} {digest}")
created = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
relations = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": own["SPDXID"]}]
relations += [
    {"spdxElementId": own["SPDXID"], "relationshipType": kind, "relatedSpdxElement": item["SPDXID"]}
    for kind, items in (("STATIC_LINK", swift), ("DYNAMIC_LINK", debian))
    for item in items
]
document = {
    "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"symbolon-{version}",
    "documentNamespace": f"urn:uuid:{space}",
    "creationInfo": {"created": created, "creators": ["Tool: symbolon-sbom.py"]},
    "comment": "The packages are those that the build resolved; the linker drops what the program does not use.",
    "packages": [own, *swift, *debian], "relationships": relations,
}  # fmt: skip
print(json.dumps(document, indent=1))
