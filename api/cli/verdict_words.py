"""The words of verdicts, as the pages say them (`seal:` of `api/web/texts.yaml`)."""

from archive.base.bilingual import Text

# by the value of `signing.validation.result.verdict.Verdict`
WORDS = {
    "valid": Text("Hợp lệ", "Valid"),
    "indeterminate": Text("Chưa kết luận được", "Indeterminate"),
    "invalid": Text("Không hợp lệ", "Invalid"),
    "unsigned": Text("Không có chữ ký số", "Not signed"),
    "not_of_this_archive": Text(
        "Mang tên cơ sở này nhưng không phải của kho này",
        "Names this facility but is not of this archive",
    ),
}
MARKS = {"valid": "✓", "invalid": "✕", "not_of_this_archive": "✕"}  # any other: "!"


def verdict_line(verdict: str, reasons: Text) -> Text:
    """Return the line that begins an answer: sign, word and reasons."""
    word, mark = WORDS[verdict], MARKS.get(verdict, "!")
    return Text(f"{mark} {word.vi}. {reasons.vi}", f"{mark} {word.en}. {reasons.en}")
