"""Stories that walk the whole loop through the doors, with every program running."""
