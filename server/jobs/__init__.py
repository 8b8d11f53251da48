"""The clockwork: what follows from deeds, done outside of any request."""
