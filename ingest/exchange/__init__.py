"""Charts as other systems exchange them: `HoSoBenhAn` of CV 365/TTYQG-GPQLCL.

`hosobenhan.yaml` says which elements there are, how sure their names are, and from which papers
their values come. `definition.py` reads it, `filling.py` fills it, `writing.py` writes the bytes.
"""
