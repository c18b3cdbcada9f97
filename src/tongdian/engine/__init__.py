"""Numerical and temporal engines over frozen inputs; pure."""
