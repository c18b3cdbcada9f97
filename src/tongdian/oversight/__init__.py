"""Oversight: alerts computed from the clock, and who is told."""
