"""The story that a demonstration plays: invented people, invented texts, and what happens on which day."""
