"""Kills: at every named step, and at random."""
