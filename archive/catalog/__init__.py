"""The catalogue: a projection of the acts, and the operational tables that no act knows."""
