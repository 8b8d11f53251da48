"""Opinion polls: a few questions to everybody whom a decision concerns, counted once the box is opened."""
