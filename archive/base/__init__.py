"""What every other folder uses: values with a meaning, settings, errors and texts, the clock,
leases.
"""
