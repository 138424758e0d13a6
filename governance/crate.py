"""A run as a Five Safes RO-Crate: its manifest told as linked data, which archives and auditors elsewhere can read.

RO-Crate 1.2 (https://w3id.org/ro/crate/1.2) under the Five Safes profile 0.4 (https://w3id.org/5s-crate/0.4): who asked
for what under which approval, that it was signed off, what was run on what, what came out, and which checks of
disclosure were made. The crate holds the metadata and the manifest, no data: inputs and outputs are named by their
SHA-256.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from governance.custody import DataClass
from governance.manifest import MANIFEST_FILE, Manifest
from governance.versions import Registered

METADATA_FILE = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.2/context"
RO_CRATE = "https://w3id.org/ro/crate/1.2"
PROFILE = "https://w3id.org/5s-crate/0.4"
CHECKS = "https://w3id.org/shp#"
DONE, PENDING, FAILED = (f"http://schema.org/{status}ActionStatus" for status in ("Completed", "Potential", "Failed"))

Entity = dict[str, Any]


@dataclass(frozen=True)
class Disclosure:
    """A release of statistics drawn from the run, as the log tells of it last."""

    release: str
    state: str  # governance.release_state.ReleaseState
    at: str
    actor: str


def crate(
    manifest: Manifest,
    *,
    manifest_sha256: str,
    approval: Registered,
    quality: Mapping[str, Any],
    disclosures: tuple[Disclosure, ...],
) -> Entity:
    """The content of `ro-crate-metadata.json`.

    Parameters
    ----------
    manifest, manifest_sha256
        Of the run.
    approval
        The version it was made under.
    quality
        Estimates, nested by name; numbers or null.
    disclosures
        Releases drawn from the run; none where no statistics left.
    """
    checks = [_sign_off(manifest, approval), *_disclosure_checks(disclosures)]
    measured = [*_values("count", _flat(manifest.counts)), *_values("quality", _flat(quality))]
    given = [*_inputs(manifest), *_values("parameter", _parameters(manifest))]
    made, software = list(_outputs(manifest)), list(_software(manifest))
    graph = [
        {"@id": METADATA_FILE, "@type": "CreativeWork", "about": _to("./"), "conformsTo": _to(RO_CRATE)},
        _root(manifest, checks, measured),
        {"@id": PROFILE, "@type": ["CreativeWork", "Profile"], "name": "Five Safes RO-Crate profile", "version": "0.4"},
        *_parties(manifest, approval, disclosures),
        _run(manifest, given, made),
        *checks,
        *given,
        *made,
        *software,
        *measured,
        {
            "@id": MANIFEST_FILE,
            "@type": "File",
            "name": "Manifest of the run",
            "encodingFormat": "application/json",
            "sha256": manifest_sha256,
        },
    ]
    return {"@context": CONTEXT, "@graph": graph}


def _root(manifest: Manifest, checks: list[Entity], measured: list[Entity]) -> Entity:
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Run {manifest.run}",
        "description": "How a run was made and what came of it, without any data of a child.",
        "datePublished": manifest.finished.isoformat(),
        "conformsTo": _to(PROFILE),
        "license": _to("#terms"),
        "publisher": _to("#controller"),
        "sourceOrganization": _to("#project"),
        "mainEntity": _to("#code"),
        "hasPart": [_to(MANIFEST_FILE), _to("#code")],
        "mentions": [_to(_run_id(manifest)), *map(_ref, checks)],
        "variableMeasured": [*map(_ref, measured)],
    }


def _parties(manifest: Manifest, approval: Registered, disclosures: tuple[Disclosure, ...]) -> Iterator[Entity]:
    """Who asked, for what project, who approved, and on what terms."""
    terms = approval.approval
    yield {"@id": "#controller", "@type": "Organization", "name": "The city hall that made the run"}
    yield {"@id": "#authority", "@type": "Organization", "name": terms.authority}
    yield {
        "@id": "#project",
        "@type": "Project",
        "name": terms.title,
        "description": terms.purpose,
        "identifier": terms.id,
        "member": _to("#controller"),
    }
    yield {
        "@id": "#approval",
        "@type": "CreativeWork",
        "name": f"Approval {terms.id}, version {approval.version}",
        "sha256": manifest.approval_sha256,
        "legislationIdentifier": terms.legal_basis,
        "temporalCoverage": f"{terms.valid_from}/{terms.valid_until}",
    }
    yield {
        "@id": "#terms",
        "@type": "CreativeWork",
        "name": "Terms of the approval",
        "description": f"For the purpose of approval {terms.id} and its recipients: {', '.join(terms.recipients)}.",
    }
    actors = {manifest.actor, approval.requested_by, approval.confirmed_by, *(one.actor for one in disclosures)}
    for actor in sorted(one for one in actors if one is not None):
        yield _person(actor)


def _person(actor: str) -> Entity:
    return {
        "@id": _person_id(actor),
        "@type": "Person",
        "name": actor,
        "affiliation": _to("#controller"),
        "memberOf": _to("#project"),
    }


def _run(manifest: Manifest, given: list[Entity], made: list[Entity]) -> Entity:
    return {
        "@id": _run_id(manifest),
        "@type": "CreateAction",
        "name": f"Run {manifest.run}: completed",
        "actionStatus": DONE,
        "agent": _to(_person_id(manifest.actor)),
        "instrument": [_to("#code"), _to("#output-model")],
        "startTime": manifest.started.isoformat(),
        "endTime": manifest.finished.isoformat(),
        "object": [*map(_ref, given)],
        "result": [*map(_ref, made)],
    }


def _sign_off(manifest: Manifest, approval: Registered) -> Entity:
    persons = dict.fromkeys(one for one in (approval.requested_by, approval.confirmed_by) if one is not None)
    return {
        "@id": "#sign-off",
        "@type": "AssessAction",
        "additionalType": _to(f"{CHECKS}SignOff"),
        "name": f"Approval {manifest.approval} of {approval.approval.authority}: approved",
        "actionStatus": DONE,
        "endTime": f"{approval.approval.decided_on}T00:00:00+09:00",
        "agent": _to("#authority"),
        "participant": [_to(_person_id(one)) for one in persons],  # who registered it, and who confirmed that
        "instrument": _to("#approval"),
        "object": [_to("./"), _to("#code"), _to("#project")],
    }


def _disclosure_checks(disclosures: tuple[Disclosure, ...]) -> Iterator[Entity]:
    """A check for each release; where there was none, one that is still to be made before statistics leave."""
    check = {"@type": "AssessAction", "additionalType": _to(f"{CHECKS}DisclosureCheck"), "object": _to("./")}
    if not disclosures:
        told = "Disclosure check: none was needed, no statistics of this run have left"
        yield {"@id": "#disclosure", "name": told, "actionStatus": PENDING, "agent": _to("#controller"), **check}
    status = {"draft": PENDING, "approved": DONE, "published": DONE, "withdrawn": FAILED}
    for one in disclosures:
        yield {
            "@id": f"#disclosure-{one.release}",
            "name": f"Disclosure check of release {one.release}: {one.state}",
            "actionStatus": status[one.state],
            "endTime": one.at,
            "agent": _to(_person_id(one.actor)),
            **check,
        }


def _inputs(manifest: Manifest) -> Iterator[Entity]:
    for one in manifest.inputs:
        yield _restricted(f"#input-{one.name}", f"{one.name}, as {one.source} delivered it", one.sha256)


def _outputs(manifest: Manifest) -> Iterator[Entity]:
    for one in manifest.outputs:
        entity = _restricted(f"#output-{one.name}", one.name, one.content_sha256)
        if one.data_class is DataClass.STATISTICS:
            del entity["hasDigitalDocumentPermission"]
        rows = {} if one.rows is None else {"size": f"{one.rows} rows"}
        yield entity | {"description": f"of the class {one.data_class.value}", **rows}
    yield {
        "@id": "#permission",
        "@type": "DigitalDocumentPermission",
        "permissionType": "http://schema.org/ReadPermission",
        "grantee": _to("#project"),
    }


def _restricted(entity_id: str, name: str, sha256: str) -> Entity:
    """A document that is not in the crate, whose content has this digest."""
    return {
        "@id": entity_id,
        "@type": "DigitalDocument",
        "name": name,
        "sha256": sha256,
        "hasDigitalDocumentPermission": _to("#permission"),
    }


def _software(manifest: Manifest) -> Iterator[Entity]:
    """The code and what it ran on."""
    environment = manifest.environment
    libraries = [("Python", environment["python"]), *manifest.libraries.items()]
    yield {
        "@id": "#code",
        "@type": ["Dataset", "SoftwareApplication"],
        "name": "Mimamori",
        "softwareVersion": manifest.code.version,
        "identifier": manifest.code.commit or manifest.code.source_sha256,
        "sha256": manifest.code.source_sha256,
        "operatingSystem": environment["system"],
        "processorRequirements": f"{environment['machine']}, {environment['processors']} processors",
        "softwareRequirements": [_to(f"#library-{name}") for name, _ in libraries],
    }
    for name, version in libraries:
        yield {"@id": f"#library-{name}", "@type": "SoftwareApplication", "name": name, "softwareVersion": version}


def _parameters(manifest: Manifest) -> dict[str, object]:
    """Parameters and seeds by name; the source specifications are in the manifest."""
    told = _flat({name: value for name, value in manifest.parameters.items() if name != "sources"})
    columns = {
        f"columns.{name}": value if value == "*" else ", ".join(value) for name, value in manifest.columns.items()
    }
    seeds = {f"seed.{name}": value for name, value in manifest.seeds.items()}
    return {**told, **columns, **seeds, "as_of": manifest.as_of, "earlier_run": manifest.parent}


def _values(kind: str, values: Mapping[str, object]) -> Iterator[Entity]:
    for name, value in values.items():
        if value is not None:
            said = value if isinstance(value, bool | int | float) else str(value)
            yield {"@id": f"#{kind}-{name}", "@type": "PropertyValue", "name": f"{kind} {name}", "value": said}


def _flat(nested: Mapping[str, Any], prefix: str = "") -> dict[str, object]:
    """Nested values by their names joined by dots."""
    told: dict[str, object] = {}
    for name, value in nested.items():
        told |= _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return told


def _to(entity_id: str) -> Entity:
    return {"@id": entity_id}


def _ref(entity: Entity) -> Entity:
    return _to(entity["@id"])


def _run_id(manifest: Manifest) -> str:
    return f"#run-{manifest.run}"


def _person_id(actor: str) -> str:
    return f"#actor-{actor}"
