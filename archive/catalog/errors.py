"""What can go wrong with a catalogue beside being away (`archive.base.errors.Unavailable`)."""

from archive.base.bilingual import Text
from archive.base.errors import Unavailable


class CatalogueUnusable(Unavailable):
    """The catalogue's file is damaged, or no database at all.

    What the acts say is not lost: they are in the vault.
    """

    code = "catalogue.unusable"
    what = Text(
        "Không đọc được danh mục ({component}): {why}.",
        "The catalogue ({component}) cannot be read: {why}.",
    )
    unchanged = Text("Kho đối tượng không bị ảnh hưởng.", "The object store is not affected.")
    remedy = Text(
        "Chạy kho rebuild để lập lại danh mục.", "Run kho rebuild to rebuild the catalogue."
    )


class TransactionLost(Unavailable):
    """A transaction ended without Kho's commit or rollback: the session broke, or the server ended
    it (deadlock).

    Whether it was committed is not known. Kho retries only work that may be done twice
    (:mod:`archive.coordination.sequencer` does so); everything else is refused whole, and is safe
    to send again.
    """

    code = "catalogue.transaction_lost"
    what = Text(
        "Mất giao dịch với {component}: {why}.", "A transaction with {component} was lost: {why}."
    )
    unchanged = Text("Thao tác chưa được xác nhận.", "Nothing was acknowledged.")
    remedy = Text(
        "Kiểm tra {component} rồi gửi lại; gửi lại là an toàn.",
        "Check {component}, then send it again: that is safe.",
    )
