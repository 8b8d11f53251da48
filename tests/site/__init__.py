"""The mini-site, asked as residents ask it."""
