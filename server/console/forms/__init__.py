"""What officers fill in, and how a form says what is still missing."""
