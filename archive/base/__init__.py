"""What every other folder uses: values, settings, errors and texts, the clock, leases."""
