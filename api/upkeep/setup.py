"""Setting up a home: keys, settings and act 0.

Every step may be repeated; what is there is left as it is.
"""

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.composition.demonstration import require_demonstration
from api.composition.ledger_key import LEDGER_KEY, ledger_key
from api.composition.ledger_signer import proven_signer
from api.composition.no_archive import NoArchive
from api.composition.production import MixedSeals, require_real_archive
from api.composition.read_only import ReadOnlyHome
from api.composition.store_record import require_proven_store
from api.composition.trust_file import TEST_PKI
from api.home import Home
from archive.access.actor import Actor
from archive.acts import facility, seal_chain
from archive.acts.envelope import ActActor, Draft
from archive.base.clock import Clock
from archive.base.errors import Misconfigured
from archive.base.identifiers import FacilityCode, new_id
from archive.base.settings import CONFIG_FILE, load_settings
from archive.catalog.entries import FacilityEntry
from archive.catalog.tables import FacilityRow, SealChainRow
from archive.coordination.sequencer import Sequencer
from archive.files.durable import create_file
from archive.ledger.checkpoint import CheckpointSigner
from archive.vault.policy import rolling_until
from signing.test_marks import states_test

DEMO_CODE = FacilityCode("99001")


@dataclass(frozen=True, slots=True)
class FacilityFacts:
    """The facts of the facility that act 0 will state; they never change."""

    code: FacilityCode
    name: str
    authority: str
    address: str
    public_url: str | None = None


DEMO = FacilityFacts(
    DEMO_CODE,
    "Bệnh viện Đa khoa Thử Nghiệm",
    "Sở Y tế Thử Nghiệm",
    "Số 1 đường Giả Định, phường Mẫu, tỉnh Thử Nghiệm",
)


def init_demo(
    folder: Path,
    actor: Actor,
    clock: Clock | None = None,
    code: FacilityCode | None = None,
    name: str | None = None,
) -> Home:
    """Make (or find) a demonstration home with a local test PKI, renewed when it has expired;
    return it open.

    `code` and `name`: of a second invented facility, that packets go to; without them those of the
    first or of the home that is there. Raises DemonstrationMissing where the installation holds no
    test PKI, and Misconfigured where the home is not a demonstration or is another facility's.
    """
    require_demonstration()
    from signing.testpki.folder import TestPkiExpired, open_test_pki
    from signing.testpki.make import make_test_pki, renew_test_pki
    from signing.testpki.running import free_base_url

    folder.mkdir(parents=True, exist_ok=True)
    config = folder / CONFIG_FILE
    if not config.exists():
        if any((folder / name).exists() for name in ("vault", "catalog.db")):
            raise Misconfigured(
                why_vi=f"{folder} đã có một kho khác", why_en=f"{folder} holds another archive"
            )
        with suppress(FileExistsError):  # another process makes the same demonstration
            create_file(
                config, _demo_settings(code or DEMO.code, load_settings(folder).catalog.url)
            )
    home = Home.open(folder, clock)
    if not home.settings.demo:
        raise Misconfigured(
            why_vi=f"{folder} không phải kho trình diễn", why_en=f"{folder} is not a demonstration"
        )
    facts = replace(DEMO, code=code or home.code, name=name or DEMO.name)
    pki = folder / TEST_PKI
    with home.leases.hold("testpki"):
        if not (pki / "testpki.json").exists():
            make_test_pki(pki, home.clock.now(), facts.name, free_base_url())
        try:
            open_test_pki(pki, home.clock.now())
        except TestPkiExpired:
            renew_test_pki(pki, home.clock.now())
    initialise(home, facts, actor)
    return home


def _demo_settings(code: FacilityCode, catalogue: str) -> str:
    """Return a demonstration's `kho.toml`; it keeps where the catalogue is, for a second one would
    fork the acts.
    """
    lines = [
        "# A demonstration: nothing here has legal value.",
        f'facility = "{code}"',
        "demo = true",
    ]
    if catalogue:
        lines += ["", "[catalog]", f"url = {json.dumps(catalogue)}"]
    return "\n".join([*lines, ""])


def public_url(text: str) -> str:
    """Return the address of the pages as QR codes begin with it: http(s), a host, no slash at the
    end. Raises Misconfigured.
    """
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Misconfigured(
            why_vi=f"{text} không phải địa chỉ như https://hoso.benhvien.vn",
            why_en=f"{text} is no address such as https://records.hospital.vn",
        )
    return text.rstrip("/")


def known_facility(home: Home) -> FacilityEntry | None:
    """Return the facility as act 0 states it; None where there is no archive yet."""
    try:
        return home.catch_up()
    except NoArchive:
        return None


def require_seal(home: Home) -> None:
    """Raise Misconfigured, which names what is missing, where the seal's key or its trust anchors
    cannot be read.
    """
    seal = home.settings.seal
    for setting, file in (("seal.pkcs12", seal.pkcs12), ("seal.trust", seal.trust)):
        if file is not None and not home.settings.path(file).exists():
            path = home.settings.path(file)
            raise Misconfigured(
                why_vi=f"không có tệp {path} ({setting}); đặt tệp vào đó rồi chạy lại",
                why_en=f"there is no file {path} ({setting}); put it there, then run this again",
            )
    _chain_pem(home)


def initialise(home: Home, facts: FacilityFacts, actor: Actor) -> None:
    """Write the ledger's key and act 0 where they are missing; state a new seal chain where the key
    has changed.
    """
    if home.settings.facility != facts.code:
        raise Misconfigured(
            why_vi=f"kho này là của cơ sở {home.settings.facility}, không phải {facts.code}; "
            "chọn --home khác",
            why_en=f"this home is of the facility {home.settings.facility}, not of {facts.code}; "
            "choose another --home",
        )
    pem = _chain_pem(home)
    require_real_archive(home.settings, pem)
    with home.leases.hold("init"):
        signer = _signer(home, facts.code)

        def make(session: Session) -> tuple[Draft, datetime] | None:
            facility = session.get(FacilityRow, facts.code)
            if facility is None:
                draft = _act_zero(facts, actor, signer, pem)
            elif states_test(session.get_one(SealChainRow, (facts.code, 0)).pem) != states_test(
                pem
            ):
                raise MixedSeals
            elif _chain_in_force(session, facts.code) != pem:
                draft = Draft(
                    schema_name=seal_chain.SCHEMA,
                    actor=ActActor(name=actor.name, role=actor.role),
                    chart=None,
                    facts=seal_chain.SealChain(pem=pem).model_dump(mode="json"),
                )
            else:
                return None
            return draft, rolling_until(home.clock.now())

        Sequencer(
            home.catalog, home.vault, facts.code, home.leases, home.clock, lambda: signer
        ).append(make)
        home.follow_ups.outbox.drain("ledger")


def _signer(home: Home, code: FacilityCode) -> CheckpointSigner:
    """Return the ledger's signer: of the newest key that the vault's acts state, or of a new
    ledger.

    Raises Misconfigured where the vault belongs to another archive, StoreUnproven, StoreRefused.
    """
    file, passphrase = home.folder / LEDGER_KEY, home.settings.ledger.passphrase.get_secret_value()
    private = ledger_key(file, passphrase)
    home.sequencer.catch_up()
    with home.catalog.read() as session:
        is_new = session.get(FacilityRow, code) is None
    if is_new:
        signer = CheckpointSigner(f"kho/{code}/{new_id()}", private)
        require_proven_store(home.settings, [signer.verifier], home.clock)
        return signer
    try:
        return proven_signer(file, home.signed.keys(), home.settings, home.clock)
    except Misconfigured as error:
        raise Misconfigured(
            why_vi="kho đối tượng này thuộc về một kho khác",
            why_en="this vault belongs to another archive",
        ) from error


def _act_zero(facts: FacilityFacts, actor: Actor, signer: CheckpointSigner, pem: str) -> Draft:
    stated = facility.Facility(
        name=facts.name,
        authority=facts.authority,
        address=facts.address,
        public_url=facts.public_url,
        ledger_origin=signer.verifier.name,
        ledger_key=str(signer.verifier),
        seal_chain=pem,
    )
    return Draft(
        schema_name=facility.SCHEMA,
        actor=ActActor(name=actor.name, role=actor.role),
        chart=None,
        facts=stated.model_dump(mode="json"),
    )


def _chain_in_force(session: Session, code: FacilityCode) -> str | None:
    newest = (
        select(SealChainRow.pem)
        .where(SealChainRow.facility == code)
        .order_by(SealChainRow.act_index.desc())
    )
    return session.scalar(newest.limit(1))


def _chain_pem(home: Home) -> str:
    """Return the seal's certificates as PEM, leaf first, its trust anchor last.

    Raises Misconfigured.
    """
    from asn1crypto import pem

    try:
        trust = home.trust
    except NoArchive as error:  # a later `init` may take the anchors from the acts
        raise Misconfigured(
            why_vi="thiếu tệp gốc tin cậy của con dấu (seal.trust)",
            why_en="the file of the seal's trust anchors (seal.trust) is missing",
        ) from error
    try:
        key = home.seals.key
    except ReadOnlyHome as error:
        raise Misconfigured(
            why_vi="thiếu chứng thư số của cơ sở (seal.pkcs12 trong kho.toml)",
            why_en="the facility's certificate (seal.pkcs12 in kho.toml) is missing",
        ) from error
    path = trust.path(key.certificate, key.chain, home.clock.now())
    return "".join(pem.armor("CERTIFICATE", certificate.dump()).decode() for certificate in path)
