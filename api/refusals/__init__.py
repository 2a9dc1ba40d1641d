"""Refusals of the intake: kept for the people who settle them (`kept.py`), noted while sources come
in (`recorder.py`), with what to do (`remedies.py`).
"""
