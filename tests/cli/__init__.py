"""The command line, as the office's administrator types it."""
