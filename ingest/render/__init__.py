"""Rendering: a form and its data become one deterministic, tagged PDF/A-3a + PDF/UA-1 by Typst."""
