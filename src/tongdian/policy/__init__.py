"""Dated, cited rules: schema and lookup over packaged YAML; pure."""
