"""Code lists that forms, insurance tables and pages share: `shipped/*.yaml`, and what a facility
imported. They lie below the forms, which use them, and know nothing of them.
"""
