"""Refusals of the intake: kept for the people who see to them (`kept.py`), noted while sources come
in (`recorder.py`), with what to do (`remedies.py`).
"""
