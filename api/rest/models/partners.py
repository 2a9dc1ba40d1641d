"""The partners of this facility, and the identities that a person compares."""

from typing import Annotated

from pydantic import Field

from api.rest.models.base import AnswerModel, Asked
from api.rest.models.exchange import FacilityIdentity, FacilitySeal
from api.sharing.partners import Standing
from archive.base.facts import FacilityCodeText


class PartnerPath(Asked):
    """Which partner."""

    code: FacilityCodeText


class ConfirmQuery(Asked):
    """What the partner reads out of itself."""

    check_code: Annotated[
        str,
        Field(
            min_length=1,
            max_length=100,
            pattern=r"^[0-9A-Za-z -]+$",
            description="mã mà đối tác tự đọc / the check code that the partner reads out",
        ),
    ]
    replace: Annotated[
        bool,
        Field(description="thay sổ và chứng thư đã xác nhận / replace ledger and certificates"),
    ] = False


class PartnerAnswer(AnswerModel):
    """A partner: the ledger and the certificates from which packets and receipts count."""

    code: FacilityCodeText
    name: str
    ledger_origin: str
    ledger_key: str
    seals: list[FacilitySeal]


class PartnerPage(AnswerModel):
    """Every partner, by code."""

    items: list[PartnerAnswer]
    next: None = None


class SenderAnswer(FacilityIdentity):
    """Who made a packet or a receipt, and how it compares with the partners."""

    partner: Standing
