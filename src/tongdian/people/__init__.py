"""Users, organisations, roles, territories, utilities, delegation, contact preferences."""
