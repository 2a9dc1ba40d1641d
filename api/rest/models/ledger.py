"""Proofs of the ledger as the API gives them."""

from typing import Annotated

from pydantic import Field

from api.rest.models.base import (
    DIGEST,
    DOCUMENT,
    AnswerModel,
    Asked,
    Base64,
    Digest,
    Uuid,
    examples,
)

_HASH = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="
_CHECKPOINT = f"kho.example.vn/99001\n14\n{_HASH}\n\n— kho.example.vn/99001 AAAA\n"


class TreeQuery(Asked):
    """Two sizes of the ledger, in acts."""

    old: Annotated[int, Field(ge=1, lt=2**53, description="kích thước cũ / the earlier size")]
    new: Annotated[
        int | None,
        Field(ge=1, lt=2**53, description="kích thước mới, mặc định mới nhất / later size"),
    ] = None


class Proof(AnswerModel):
    """That a document is in the ledger: the act that names its digest, and the act's place
    under a checkpoint.

    SHA-256 of `act` (as UTF-8) is `act_sha256`; the ledger's entry is ASCII `kho-act/1`, a line
    feed and those 32 bytes; the leaf hash is SHA-256(0x00 || entry); `inclusion_path` (RFC 6962,
    2.1.1) leads from it to the root that `checkpoint` (C2SP tlog-checkpoint) signs. `tlog_proof`
    says the same as a C2SP tlog-proof.
    """

    model_config = examples(
        {
            "document_id": DOCUMENT,
            "sha256": DIGEST,
            "ledger_index": 12,
            "act": "{}",
            "act_sha256": DIGEST,
            "leaf_hash": _HASH,
            "tree_size": 14,
            "inclusion_path": [_HASH],
            "checkpoint": _CHECKPOINT,
            "tlog_proof": f"c2sp.org/tlog-proof@v1\nindex 12\n{_HASH}\n\n{_CHECKPOINT}",
        }
    )
    document_id: Uuid
    sha256: Digest
    ledger_index: int
    act: Annotated[
        str, Field(description="canonical JSON (RFC 8785), exactly as the vault keeps it")
    ]
    act_sha256: Digest
    leaf_hash: Base64
    tree_size: int
    inclusion_path: list[Base64]
    checkpoint: str
    tlog_proof: str


class Consistency(AnswerModel):
    """That the ledger of `old` acts is a beginning of the ledger of `new` acts (RFC 6962,
    2.1.2).
    """

    model_config = examples({"old": 12, "new": 14, "path": [_HASH]})
    old: int
    new: int
    path: list[Base64]
