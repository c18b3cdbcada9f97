"""Stand-ins of other systems: small servers that speak the real protocol, for demonstrations and tests."""
