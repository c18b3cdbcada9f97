"""The applicant's pages: `apply` from the first answer to the receipt, `my` from there to the meter that turns."""
