"""The parts of one archive as its settings choose them: engines, clocks, keys, and what follows
acts.
"""
