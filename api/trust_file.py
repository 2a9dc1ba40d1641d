"""Where a home's trust anchors lie."""

from pathlib import Path

from archive.settings import Settings

TEST_PKI = "testpki"


def trust_file(settings: Settings) -> Path | None:
    """Return the PEM file of trust anchors, where one is set; a demonstration brings its own."""
    if settings.demo:
        return settings.home / TEST_PKI / "trust.pem"
    return settings.path(settings.seal.trust) if settings.seal.trust else None
