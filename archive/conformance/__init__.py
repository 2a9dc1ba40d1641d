"""The trial of an object store: cases that show whether it keeps what Kho promises.

A signed record says what a run found.

`catalogue.yaml` says what each case shows and how grave its failure is, `cases/` does it,
`runner.py` runs them, `verdict.py` judges, `record.py` signs. A hospital's IT runs it by `kho store
verify`; the tests run the same cases.
"""
