"""Files and folders: written durably; folders for one job; folders that other people write into,
too.
"""
