"""One module per `tongdian` subcommand; each is a click command, loaded only when called."""
