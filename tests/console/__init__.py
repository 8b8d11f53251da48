"""The desk: who may open what, what each deed does, and what becomes of hostile input."""
