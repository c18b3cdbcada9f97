"""The demonstration province: built by calling operations, in the order of events, on the installation's own clock."""
