"""What the API takes and gives, as models: they validate requests, make answers, and are what the
document shows.
"""
