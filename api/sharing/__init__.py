"""Handing over: referral packets."""
