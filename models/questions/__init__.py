"""Legal questions of residents and the counsel's answers."""
