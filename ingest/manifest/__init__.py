"""CSV manifests: a backlog of finished files, with a table that gives each file's episode, form and
day.
"""
