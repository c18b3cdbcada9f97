"""Pages on which staff look after accounts and teams."""
