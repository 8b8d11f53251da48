"""Who lives here and who works here."""
