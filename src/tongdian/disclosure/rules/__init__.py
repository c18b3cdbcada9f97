"""Pure decisions of disclosure: which months, which cells, which columns, which figures."""
