"""Service connection: application, supply scheme, inspections, contract, energised."""
