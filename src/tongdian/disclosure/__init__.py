"""Publishes figures to everybody: the monthly case-level file, its versions and its definition."""
