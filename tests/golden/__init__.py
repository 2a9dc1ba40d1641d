"""An archive of every past version of the stored formats, opened by a test for ever.

Never rebuilt.
"""
