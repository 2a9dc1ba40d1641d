"""The promises of Kho, tried on each way to run it; `docs/acceptance.md` is the table of these
tests.
"""
