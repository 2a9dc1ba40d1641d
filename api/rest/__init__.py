"""The REST door: machines send charts here."""
