"""The demonstration province, built by calling operations only."""
