"""Files and folders of the home: written so that a crash leaves the old file or the new one, never
half of one.
"""
