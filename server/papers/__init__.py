"""Documents that the office prints and packs."""
