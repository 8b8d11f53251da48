"""The house's own rules, each policed by a short test that has been seen to fail."""
