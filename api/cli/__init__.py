"""The command line. Its contract for other programs is `docs/scripting.md`."""
