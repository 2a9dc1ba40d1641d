"""What can stop a seal: the key, its certificate's status, or a service that does not answer as it
must.
"""

from archive.base.bilingual import Text
from archive.base.errors import KhoError, Misconfigured


class KeyRefused(Misconfigured):
    """The key file cannot be used for sealing: `why_vi`, `why_en` say why."""

    code = "seal.key_refused"
    what = Text(
        "Không dùng được tệp khóa ký số: {why_vi}.", "The signing key cannot be used: {why_en}."
    )
    remedy = Text(
        "Kiểm tra tệp PKCS#12 và mật khẩu, hoặc xin cấp chứng thư số mới.",
        "Check the PKCS#12 file and its passphrase, or have a new certificate issued.",
    )


class SealRefused(KhoError):
    """Kho will not seal: `why_vi`, `why_en` say why. No sealed bytes exist."""

    code = "seal.refused"
    http_status = 503
    exit_code = 11
    what = Text("Không ký số được: {why_vi}.", "The document cannot be sealed: {why_en}.")
    unchanged = Text("Bản này chưa được ký.", "This paper was not sealed.")
    remedy = Text("Xử lý nguyên nhân rồi làm lại.", "Remove the cause, then try again.")


class CertificateRevoked(SealRefused):
    """A certificate of the seal is revoked; its status is checked before signing (NĐ 23/2025/NĐ-CP,
    điều 15).
    """

    code = "seal.certificate_revoked"
    what = Text(
        "Chứng thư số đã bị thu hồi: {certificate}.",
        "The certificate has been revoked: {certificate}.",
    )
    remedy = Text(
        "Liên hệ tổ chức chứng thực chữ ký số để cấp chứng thư mới.",
        "Ask your certification authority for a new certificate.",
    )


class AlreadySealed(SealRefused):
    """The file holds a signature, or a field for one: Kho never touches what was, or is to be,
    signed elsewhere.
    """

    code = "seal.already_sealed"
    what = Text(
        "Tệp đã có chữ ký số hoặc ô ký số.", "The file already has a signature or a field for one."
    )
    remedy = Text(
        "Lưu nguyên tệp, không ký thêm.", "Archive the file as it is; do not seal it again."
    )
