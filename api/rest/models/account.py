"""What a person sends about their account."""

from typing import Annotated

from pydantic import Field

from api.access.passwords import LONGEST
from api.rest.models.base import Body, examples
from api.rest.models.users import AccountName, Password


class OwnPassword(Body):
    """A person's password, and the new one."""

    model_config = examples(
        {"name": "lan", "old": "một mật khẩu ban đầu", "new": "một câu dài của riêng tôi"}
    )
    name: AccountName
    old: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    new: Password
