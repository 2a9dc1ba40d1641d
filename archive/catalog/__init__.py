"""The catalogue: a projection of the acts,
and beside it the operational tables that no act knows.
"""
