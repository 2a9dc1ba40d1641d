"""Validation: facts are collected without judging, one table turns them into a verdict, sentences
are data.
"""
