"""Legal education: topics, articles and how they reach people."""
