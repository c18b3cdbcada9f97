"""The timeline's bytes and hashes, without a database: what the trigger writes, everybody else only recomputes."""
