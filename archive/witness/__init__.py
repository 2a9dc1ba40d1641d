"""Witnesses: places outside of this archive that keep its checkpoints.

So they can contradict a replaced history.
"""
