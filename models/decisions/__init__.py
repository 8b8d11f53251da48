"""What the office is about to decide, and the text it puts before the people."""
