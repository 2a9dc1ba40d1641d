"""Watching a folder: files that are complete are archived, then moved aside with a report beside
them.
"""
