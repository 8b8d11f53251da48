"""What people ask the street to decide: their proposals, and what became of each."""
