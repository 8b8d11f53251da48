"""How fast and how heavy: run by `make bench`, printed, and held to generous limits."""
