"""Checking a dossier: archive, seal, files, documents, messages, links; in this order, and all of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from azexport_verify import archive, layout, messages, papers, seal
from azexport_verify.anchors import Anchors
from azexport_verify.report import Report, Signed

PORTAL = "GOVAZ-azexport"
"""The organisation identifier in the certificate of whoever may seal a dossier."""

Files = dict[str, dict[str, Any]]


def check(path: Path, anchors: Anchors, *, owner: str = PORTAL, now: datetime | None = None) -> Report:
    """The report on the dossier in the file `path`.

    Raises:
        OSError: the file cannot be read.
    """
    moment = now or datetime.now(UTC)
    report = Report()
    try:
        contents = archive.read(path)
    except archive.Unsafe as unsafe:
        report.add(unsafe.code, unsafe.path)
        return report
    report.findings += contents.findings
    manifest = contents.files.get(layout.MANIFEST)
    if manifest is None:
        if layout.MANIFEST not in contents.unreadable:
            report.add("no_manifest", layout.MANIFEST)
        return report
    if layout.SEAL in contents.files:
        seal.check(manifest, contents.files[layout.SEAL], anchors, report, owner=owner, now=moment)
    elif layout.SEAL not in contents.unreadable:
        report.add("no_seal", layout.SEAL)
    listed = _listed(manifest, report)
    if listed is not None:
        described, links = listed
        _check_files(contents, described, report)
        good = {name: contents.files[name] for name in described if name in contents.files}
        _check_documents(good, described, anchors, report, moment)
        _check_messages(good, described, anchors, report)
        _check_links(described, links, report)
    return report


def _listed(manifest: bytes, report: Report) -> tuple[Files, list[dict[str, str]]] | None:
    """(the files of the manifest by path, its links), or None where it is no manifest of this format."""
    try:
        data = json.loads(manifest, object_pairs_hook=_no_member_twice)
        if data["format"] != layout.FORMAT:
            raise ValueError(f"format {data['format']!r}")
        files: Files = {}
        for entry in data["files"]:
            if not layout.PATH.fullmatch(entry["path"]) or entry["path"] in files:
                raise ValueError(f"path {entry['path']!r}")
            files[entry["path"]] = {name: entry[name] for name in layout.FILE_MEMBERS}
        links = [{name: str(link[name]) for name in layout.LINK_MEMBERS} for link in data["links"]]
        report.operation, report.created_at = str(data["operation"]), str(data["created_at"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        report.add("bad_manifest", layout.MANIFEST, repr(error)[:200])
        return None
    return files, links


def _no_member_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a member is there twice")
    return data


def _check_files(contents: archive.Contents, described: Files, report: Report) -> None:
    for path, entry in described.items():
        content = contents.files.get(path)
        if content is None:
            if path not in contents.unreadable:
                report.add("missing", path)
        elif hashlib.sha256(content).hexdigest() != entry["sha256"] or len(content) != entry["size"]:
            report.add("changed", path)
    names = contents.files.keys() | contents.unreadable
    for path in sorted(names - described.keys() - {layout.MANIFEST, layout.SEAL}):
        report.add("added", path)


def _check_documents(
    files: Mapping[str, bytes], described: Files, anchors: Anchors, report: Report, now: datetime
) -> None:
    for path, content in files.items():
        if not path.startswith(layout.DOCUMENTS):
            continue
        report.documents += 1
        kind = str(described[path]["kind"])
        wanted = layout.SIGNATURES_WANTED.get(kind, 0)
        if described[path]["media_type"] != layout.PDF and not wanted:
            continue
        found = papers.signatures_of(content, anchors, now=now)
        if not wanted and [one.problem for one in found] == ["unreadable"] and not found[0].field:
            continue  # what a user attached need not be a PDF that can be read: its digest is checked
        signers = set()
        for one in found:
            if one.problem:
                report.add(one.problem, path, f"{one.signer} {one.detail}".strip())
            else:
                signers.add(one.certificate)
                report.signatures.append(Signed(path, one.signer, one.organisation, one.signed_at))
        if len(signers) < wanted and not any(one.problem for one in found):
            report.add("unsigned", path, f"{len(signers)} < {wanted}")


def _check_messages(files: Mapping[str, bytes], described: Files, anchors: Anchors, report: Report) -> None:
    for path, content in files.items():
        if path.startswith(layout.MESSAGES):
            report.messages += 1
            try:
                messages.check(content, anchors)
                report.messages_in_order += 1
            except messages.Wrong as wrong:
                report.add(wrong.code, path, wrong.detail)


def _check_links(described: Files, links: list[dict[str, str]], report: Report) -> None:
    """Each link names two listed files and the digest of the second; the chain of kinds has no gap."""
    linked: dict[str, set[str]] = {}
    for link in links:
        report.links += 1
        here, there = described.get(link["from"]), described.get(link["to"])
        if here is None or there is None or there["sha256"] != link["sha256"]:
            report.add("bad_link", link["from"], link["to"])
        else:
            linked.setdefault(link["from"], set()).add(str(there["kind"]))
    for path, entry in described.items():
        wanted = layout.CHAIN.get(str(entry["kind"]))
        if wanted and path.startswith(layout.DOCUMENTS) and not wanted & linked.get(path, set()):
            report.add("no_link", path, ", ".join(sorted(wanted)))
