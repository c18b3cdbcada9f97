"""Reads of disclosure: the cases of a month as the clock measures them, and the months published."""
