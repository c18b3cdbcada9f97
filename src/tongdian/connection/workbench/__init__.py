"""The staff's desk: queue, case, and what staff may do to it."""
