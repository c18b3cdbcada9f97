"""Base templates, components, static files and the encrypted field; names no matter."""
