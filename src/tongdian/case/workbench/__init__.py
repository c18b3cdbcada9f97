"""Pages of staff over all kinds of cases."""
