"""Forms of the pages: each carries its CSRF token, and a field with a problem says so to people and
screen readers.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms.validators import StopValidation, ValidationError

from api.web.wording import say


class PageForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """A form whose fields are drawn with what went wrong with them."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc] # as above
        """How its fields are drawn."""

        def render_field(self, field: Any, render_kw: dict[str, Any]) -> Any:
            """Draw `field`; a field with a problem points at the sentence below it."""
            if field.errors:
                sentences = (render_kw.pop("aria_describedby", ""), f"{field.id}-problem")
                render_kw = {
                    **render_kw,
                    "aria_invalid": "true",
                    "aria_describedby": " ".join(filter(None, sentences)),
                    "class": f"{render_kw.get('class', '')} is-invalid",
                }
            return super().render_field(field, render_kw)


class Required:
    """Refuses a field that is empty, in the page's language."""

    field_flags: ClassVar = {"required": True}  # WTForms draws it: a screen reader says so

    def __call__(self, _form: Any, field: Any) -> None:
        """Raise ValidationError where nothing was typed."""
        if not (field.data or "").strip():
            raise StopValidation(say("signing.required"))


def at_most(characters: int) -> Callable[[Any, Any], None]:
    """Return a validator that refuses longer texts, in the page's language."""

    def check(_form: Any, field: Any) -> None:
        if len(field.data or "") > characters:
            raise ValidationError(say("search.too_long"))

    return check
