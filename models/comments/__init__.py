"""What people said, point by point, and what the office answered."""
