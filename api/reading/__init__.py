"""Every way to read the archive: each service takes the actor and the scope of the caller, and
gives read models.
"""
