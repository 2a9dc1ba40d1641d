"""The limits of a source in size and depth: a file beyond them is no chart but an attack or a
mistake.
"""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, texts in characters, the rest in number."""

    source_bytes: int = 64 * MEBIBYTE
    table_bytes: int = 16 * MEBIBYTE
    text_characters: int = 256 * 1024
    xml_token_bytes: int = MEBIBYTE  # one tag, comment or instruction; text is not one
    depth: int = 32
    elements: int = 400_000
    charts: int = 1000
    files_of_a_chart: int = 100
    record_bytes: int = 16 * MEBIBYTE
    json_values: int = 200_000
    files_bytes: int = 256 * MEBIBYTE  # all finished files of one record together
    file_name_characters: int = 200


DEFAULT_LIMITS = Limits()
