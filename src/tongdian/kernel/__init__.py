"""Working calendar, periods, identifiers, divisions, units; pure."""
