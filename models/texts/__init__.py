"""Pure functions over texts: pieces, differences, search keys and checks."""
