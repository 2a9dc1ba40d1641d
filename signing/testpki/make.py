"""Making a test PKI, and renewing one: keys, certificates relative to now, and the facility's
PKCS#12 file.
"""

import secrets
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from asn1crypto import pem
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, PKIArchitecture
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from archive.files.durable import replace_file
from signing.testpki.backend import keep_keys
from signing.testpki.folder import STATE, TestPki, read_test_pki

LEAF_LIFE = timedelta(days=730)
CA_LIFE = timedelta(days=3653)
ROOT_LIFE = timedelta(days=7305)
CONFIG = "pki.yaml"
COMMON_NAME_LIMIT = 64  # ub-common-name, RFC 5280 appendix A


def make_test_pki(
    folder: Path,
    now: datetime,
    facility_name: str,
    base_url: str,
    overlay: Mapping[str, Any] | None = None,
) -> TestPki:
    """Make a test PKI in `folder` whose certificates are valid from a day before `now` for two
    years.

    `base_url` is where its services will answer, e.g. `http://127.0.0.1:8123`; the certificates
    contain it. `overlay` is merged over `pki.yaml` (tests use it to add revoked or weak
    certificates). Raises :class:`FileExistsError` where the folder already has a PKI.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / STATE).exists():
        raise FileExistsError(folder)
    return _make_generation(
        folder, now, facility_name, base_url, generation=1, overlay=overlay or {}
    )


def renew_test_pki(
    folder: Path, now: datetime, overlay: Mapping[str, Any] | None = None
) -> TestPki:
    """Make the next generation beside the present one: new keys, new root; the old roots stay in
    `trust.pem`.
    """
    old = read_test_pki(folder)
    generation = old.generation + 1
    return _make_generation(
        folder, now, old.facility_name, old.base_url, generation=generation, overlay=overlay or {}
    )


def load_architecture(pki: TestPki) -> PKIArchitecture:
    """Read the present generation, its keys and certificates, with Certomancer."""
    keep_keys()
    folder = str(pki.generation_folder)
    config = yaml.safe_load((pki.generation_folder / CONFIG).read_text(encoding="utf-8"))
    read = CertomancerConfig(config, key_search_dir=folder, config_search_dir=folder)
    return read.get_pki_arch(ArchLabel(pki.arch))


def certificate_pem(arch: PKIArchitecture, label: str) -> bytes:
    """Return the certificate named `label` in the configuration as PEM."""
    return bytes(pem.armor("CERTIFICATE", arch.get_cert(CertLabel(label)).dump()))


def pkcs12(arch: PKIArchitecture, label: str, passphrase: bytes) -> bytes:
    """Return the key and certificate named `label`, with its chain, as PKCS#12."""
    return bytes(arch.package_pkcs12(CertLabel(label), password=passphrase))


def _make_generation(
    folder: Path,
    now: datetime,
    facility: str,
    base_url: str,
    *,
    generation: int,
    overlay: Mapping[str, Any],
) -> TestPki:
    pki = TestPki(
        folder=folder,
        base_url=base_url,
        facility_name=facility,
        generation=generation,
        tag=secrets.token_hex(3),
        made_at=now,
        expires_at=now + LEAF_LIFE - timedelta(days=1),
    )
    template = yaml.safe_load(files("signing.testpki").joinpath(CONFIG).read_text(encoding="utf-8"))
    config = _merge(_fill(template, _places(pki)), _fill(overlay, _places(pki)))
    shutil.rmtree(pki.generation_folder, ignore_errors=True)  # left by a run that did not finish
    _write_keys(pki.generation_folder / "keys", config["x-key-bits"])
    arch = _write_certificates(pki, config)
    passphrase = secrets.token_urlsafe(24).encode()
    replace_file(pki.passphrase_path, passphrase + b"\n")
    replace_file(pki.p12_path, pkcs12(arch, "seal", passphrase))
    older = pki.trust_path.read_bytes() if pki.trust_path.exists() else b""
    replace_file(pki.trust_path, certificate_pem(arch, "root") + older)
    pki.save()
    return pki


def _places(pki: TestPki) -> dict[str, str]:
    moment = "%Y-%m-%dT%H:%M:%S+00:00"
    start = pki.made_at - timedelta(days=1)
    return {
        "{base_url}": pki.base_url,
        "{arch}": pki.arch,
        "{tag}": pki.tag,
        "{facility}": f"TEST {pki.facility_name}"[:COMMON_NAME_LIMIT],
        "{valid_from}": start.strftime(moment),
        "{leaf_until}": (start + LEAF_LIFE).strftime(moment),
        "{ca_until}": (start + CA_LIFE).strftime(moment),
        "{root_until}": (start + ROOT_LIFE).strftime(moment),
        "{last_month}": (start - timedelta(days=30)).strftime(moment),
        "{last_year}": (start - timedelta(days=365)).strftime(moment),
    }


def _fill(value: Any, places: Mapping[str, str]) -> Any:
    """Fill `{...}` places in every string of a parsed YAML document: after parsing, so a name
    cannot break it.
    """
    if isinstance(value, str):
        for place, text in places.items():
            value = value.replace(place, text)
        return value
    if isinstance(value, Mapping):
        return {_fill(key, places): _fill(item, places) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, places) for item in value]
    return value


def _merge(base: Any, overlay: Any) -> Any:
    """Lay one tree of mappings over another; anything but a mapping replaces what it covers."""
    if isinstance(base, Mapping) and isinstance(overlay, Mapping):
        return {**base, **{key: _merge(base.get(key), item) for key, item in overlay.items()}}
    return overlay


def _write_keys(folder: Path, bits: Mapping[str, int | str]) -> None:
    """Write a key for each name: RSA of so many bits, or on the curve `P-256`."""
    folder.mkdir(parents=True)
    for name, size in bits.items():
        key = (
            ec.generate_private_key(ec.SECP256R1())
            if size == "P-256"
            else rsa.generate_private_key(public_exponent=65537, key_size=int(size))
        )
        text = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        replace_file(folder / f"{name}.pem", text)


def _write_certificates(pki: TestPki, config: dict[str, Any]) -> PKIArchitecture:
    """Have Certomancer issue every certificate, and name their files in the configuration.

    A certificate that was read from a file goes into an answer byte for byte. A certificate that
    was made in this process is encoded again for each answer, which takes 25 of the 28 ms of an
    answer.
    """
    path = pki.generation_folder / CONFIG
    replace_file(path, yaml.safe_dump(config, allow_unicode=True))
    load_architecture(pki).dump_certs(str(pki.generation_folder / "certificates"), flat=True)
    for label, spec in config["pki-architectures"][pki.arch]["certs"].items():
        spec["certificate-file"] = f"certificates/{label}.cert.pem"
    replace_file(path, yaml.safe_dump(config, allow_unicode=True))
    return load_architecture(pki)
