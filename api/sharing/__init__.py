"""Handing over: referral packets, made to be verified with nothing but themselves
and a trust root.
"""
