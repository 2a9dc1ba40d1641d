"""What others need to check a take-away without Kho: certificates, acts and proofs."""

from collections.abc import Iterable, Iterator

from asn1crypto import pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from api.composition.ground import Ground
from api.sharing.names import act_name, plain_form, proof_name
from archive.acts import ledger_key, seal_chain
from archive.catalog.tables import ActRow, SealChainRow
from archive.ledger.store import proof_text

Files = Iterator[tuple[str, bytes]]


def trust_files(ground: Ground) -> Files:
    """Yield the roots that Kho trusts, and the chain of each of the facility's seals, as PEM."""
    roots = (pem.armor("CERTIFICATE", anchor.dump()) for anchor in ground.trust.anchors)
    yield "certificates/trust.pem", b"".join(roots)
    with ground.catalog.read() as session:
        chains = session.scalars(
            select(SealChainRow)
            .where(SealChainRow.facility == ground.code)
            .order_by(SealChainRow.act_index)
        ).all()
    for chain in chains:
        stated = ground.signed.seal_chain(chain).encode()
        yield f"certificates/seal-{chain.act_index:012}.pem", stated
    for number, (index, key) in enumerate(ground.signed.keys().stated):
        public = Ed25519PublicKey.from_public_bytes(key.public)
        encoded = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        name = "ledger-key" if number == 0 else f"ledger-key-{index:012}"
        yield f"certificates/{name}.pem", encoded
        yield f"certificates/{name}.vkey", f"{key}\n".encode()


def witness_files(ground: Ground) -> Files:
    """Yield each witness's last confirmed checkpoint, with its cosignature if it gave one."""
    for number, (name, row) in enumerate(sorted(ground.witnesses.confirmed().items()), start=1):
        yield f"evidence/witnesses/{number:02}-{plain_form(name)}.checkpoint", row.note


def ledger_files(ground: Ground, indices: Iterable[int], checkpoint: tuple[bytes, int]) -> Files:
    """Yield the checkpoint; then, for each act of `indices` and each act that states the facility,
    its seals or the ledger's keys, the act as the vault has it and its proof under that checkpoint.

    Raises IntegrityError, CatalogueAltered, VaultError.
    """
    note, size = checkpoint
    yield "evidence/checkpoint", note
    stating = ActRow.schema.in_((seal_chain.SCHEMA, ledger_key.SCHEMA))
    mine = (ActRow.facility == ground.code) & (ActRow.index < size)
    with ground.catalog.read() as session:
        stated = session.scalars(select(ActRow.index).where(mine, stating)).all()
    for index in sorted({0, *stated, *indices}):
        yield act_name(index), ground.signed.act(index).to_bytes()
        with ground.catalog.read() as session:
            proof = proof_text(session, ground.code, index, note, size)
        yield proof_name(index), proof.encode()
