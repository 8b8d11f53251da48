"""What is, and what may be done: the records of the street office and their verbs."""
