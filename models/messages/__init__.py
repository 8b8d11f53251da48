"""Who has to hear of what, and what has been told."""
