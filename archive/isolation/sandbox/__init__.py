"""What a child that reads strangers' files may reach: almost nothing.

The Linux kernel keeps it so (Landlock and seccomp).

`reach.py` names it, `landlock.py` binds files, `seccomp.py` binds system calls, `privileges.py`
gives up root's powers, `weaknesses.py` says what this kernel lacks. All of it binds the calling
process, and what it starts, for good.
"""
