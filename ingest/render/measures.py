"""Numbers with their units in text: a unit stays on its number's line, and the decimal mark is the
Vietnamese comma.

Only a decimal that has a unit beside it, or that a field of results holds, is known to be one:
`18.9` may be part of a code, and `8.30` a time. `1.000` may be a thousand, so it is printed
unchanged; `0.125` cannot be.
"""

import re

NO_BREAK = "\u00a0"
_UNITS = (
    "% °C ℃ độ g kg mg mcg µg μg ng ml mL dl dL lít L l cm mm m mmHg cmH2O "
    "mmol/L mmol/l µmol/L μmol/L umol/L g/L g/l g/dL g/dl mg/L mg/l mg/dL mg/dl ng/mL ng/ml pg/mL "
    "G/L T/L U/L UI IU UI/L IU/L mEq mEq/L kcal mg/kg ml/kg mL/kg ml/h mL/h "
    "lần/ph lần/phút nhịp/phút lít/ph lít/phút L/phút l/phút viên ống gói"
)
_UNIT = "(?:{})(?![\\w/])".format("|".join(map(re.escape, sorted(_UNITS.split(), reverse=True))))
_BEFORE_UNIT = re.compile(rf"(?<=\d) (?={_UNIT})")
# possessive, so that a hostile row of digits is read once
_DECIMAL = r"(?<![\w.,/])(\d++)\.(\d++)(?![\w.,]*\d)"
_MEASURED = re.compile(rf"{_DECIMAL}(?=[ {NO_BREAK}]?{_UNIT})")
_PLAIN = re.compile(_DECIMAL)


def measured(text: str, *, result: bool = False) -> str:
    """Return `text` with units joined to their numbers, and with decimal commas.

    In a `result` every decimal is a number, with a unit beside it or without.
    """
    marked = (_PLAIN if result else _MEASURED).sub(_comma, text)
    return _BEFORE_UNIT.sub(NO_BREAK, marked)


def _comma(decimal: re.Match[str]) -> str:
    whole, rest = decimal.groups()
    return decimal[0] if len(rest) == 3 and whole != "0" else f"{whole},{rest}"
