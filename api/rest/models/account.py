"""What a person sends about the own account."""

from typing import Annotated

from pydantic import Field

from api.access.passwords import LONGEST
from api.rest.models.base import Body, examples
from api.rest.models.users import AccountName, Password


class OwnPassword(Body):
    """The own password, and the one that replaces it."""

    model_config = examples(
        {"name": "lan", "old": "một mật khẩu ban đầu", "new": "một câu dài của riêng tôi"}
    )
    name: AccountName
    old: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    new: Password
