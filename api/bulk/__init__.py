"""Loading a backlog from a manifest: validated whole, loaded chart by chart, paused, killed and
resumed.
"""
