"""Settings, logs and the demonstration's runner."""
