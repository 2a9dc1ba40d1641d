"""Witnesses: places outside of this archive that keep its checkpoints, and so can contradict a
replaced history.
"""
