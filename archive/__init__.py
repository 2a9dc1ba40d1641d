"""The ground floor: settings, errors, clock, access, catalogue, vault, ledger, acts and outbox."""
