"""Searching what everybody may read."""
