"""The bench: each path of the budgets beside its peer, in one run (`make bench`;
docs/performance.md).
"""
