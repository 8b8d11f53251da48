"""What is promised, shown: the tests mirror the code path for path."""
