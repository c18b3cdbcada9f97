"""Tongdian (通电): connection, permits, outages, disclosure and oversight of "Getting Electricity"."""

__version__ = "0.1.0"
