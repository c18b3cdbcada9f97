"""Writes of disclosure: publish a month, destroy the secret of its pseudonyms."""
