"""What the policy book tells somebody who has not applied yet: an estimate, a class and why, dates, papers, costs."""
