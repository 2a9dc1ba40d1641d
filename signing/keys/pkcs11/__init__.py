"""Seals whose key lies in a device: a USB token or an HSM, through its vendor's PKCS#11 library.

place.py    which token, key and certificate the settings mean
device.py   the key as Kho's processes use it: one retry with a new session
process.py  the child process that alone loads the vendor's library, as its parent sees it
child.py    what that process runs
session.py  the logged-in session: it finds key and certificates, and signs
login.py    one PIN, tried once; refused_pin.py remembers a refused one
listing.py  what a library shows, so that a person finds the names
"""
