"""One module per case; the module's name is the case's name."""
