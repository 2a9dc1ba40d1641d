"""What may be added to a PDF after its last seal: the security store, document timestamps, and
their fields.
"""

from collections.abc import Iterable, Sequence
from enum import Enum

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DiffResult,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    WhitelistRule,
    XrefStreamRule,
)


class Added(Enum):
    """What the revisions after the last seal bring; those between the first and the last may also
    bring seals.
    """

    # /DSS, document timestamps with their fields, /Extensions: what keeps a signature valid
    ARCHIVAL = "archival"
    # and a new XMP or information dictionary: pyHanko and others rewrite dates in passing
    METADATA = "metadata"
    CONTENT = "content"  # anything else


# pyHanko's default also lets form values and objects that nothing uses change: ways to show
# something else than what was sealed ("shadow attacks", Mainka et al. 2021).
def _policy(*more_rules: WhitelistRule, keys: Iterable[str] = ()) -> StandardDiffPolicy:
    rules = (XrefStreamRule(), ObjectStreamRule(), DSSCompareRule(), *more_rules)
    return StandardDiffPolicy(
        global_rules=[
            CatalogModificationRule(ignored_keys={"/AcroForm", "/DSS", "/Extensions", *keys}),
            *(rule.as_qualified(ModificationLevel.LTA_UPDATES) for rule in rules),
        ],
        form_rule=FormUpdatingRule(
            field_rules=[SigFieldCreationRule(), SigFieldModificationRule()]
        ),
        ignore_orphaned_objects=False,
        ignore_identical_objects=False,
    )


_LTA = ModificationLevel.LTA_UPDATES.value
_SIGNING = ModificationLevel.FORM_FILLING.value
_POLICIES = (
    (Added.ARCHIVAL, _policy()),
    (Added.METADATA, _policy(DocInfoRule(), MetadataUpdateRule(), keys={"/Metadata"})),
)


def added_since(reader: PdfFileReader, seals: Sequence[int], timestamps: Sequence[int]) -> Added:
    """Tell what the revisions after those of `seals` and `timestamps` (in order) add.

    Between the first seal and the last, further seals may come; after the last seal, and after each
    document timestamp that follows it, only archival data.
    """
    archival_only = [
        revision for revision in (*seals[-1:], *timestamps) if revision >= max(seals, default=0)
    ]
    for added, policy in _POLICIES:
        if all(_level(policy, reader, revision) <= _LTA for revision in archival_only) and all(
            _level(policy, reader, revision) <= _SIGNING for revision in seals[:-1]
        ):
            return added
    return Added.CONTENT


def _level(policy: StandardDiffPolicy, reader: PdfFileReader, revision: int) -> int:
    found = policy.review_file(reader, revision)
    level = found.modification_level if isinstance(found, DiffResult) else ModificationLevel.OTHER
    return int(level.value)
