"""The names and the proofs of a packet are read as they are written, and in no other way."""

import pytest

from api.sharing import names
from api.sharing.proof import parse_proof
from tests.api.sharing.conftest import Workshop


def test_a_proof_is_c2sp_tlog_proof(workshop: Workshop) -> None:
    text = workshop.files[names.proof_name(1)].decode()
    lines = text.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1] == "index 1"
    proof = parse_proof(text.encode())
    assert proof.index == 1
    assert proof.checkpoint.decode().startswith(f"{workshop.manifest.ledger.origin}\n")
    assert (
        len(
            {
                parse_proof(d).checkpoint
                for n, d in workshop.files.items()
                if names.proof_index(n) is not None
            }
        )
        == 1
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tlog-proof@v1", "tlog-proof@v2"),
        ("index 1", "index 01"),
        ("index 1", "index -1"),
        ("index 1", "index ١"),
        ("index 1", "extra AA==\nindex 1"),
        ("index 1", "index 1\nAAAA"),
        ("index 1", "index 1\n!"),
        ("index 1", "index 1" + "\n" + "\n".join(["A" * 43 + "="] * 65)),
        ("index 1\n", "index 1\r\n"),
        ("\n\n", "\n"),
    ],
)
def test_another_proof_is_refused(workshop: Workshop, old: str, new: str) -> None:
    text = workshop.files[names.proof_name(1)].decode()
    assert old in text
    with pytest.raises(ValueError, match=r"."):
        parse_proof(text.replace(old, new).encode())


def test_a_name_says_what_a_file_is() -> None:
    assert names.document_name(1, "36/BV2", "id") == "documents/001-36-BV2-id.pdf"
    assert names.document_name(12, "Giấy ../x", "id") == "documents/012-Gi-y-x-id.pdf"
    assert names.act_index(names.act_name(0)) == 0
    assert names.act_index(names.act_name(123)) == 123
    assert names.proof_index(names.proof_name(7)) == 7
    assert names.act_index("evidence/acts/1.json") is None
