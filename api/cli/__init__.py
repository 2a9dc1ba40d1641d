"""The command line door. Its contract for other programs is `docs/scripting.md`."""
