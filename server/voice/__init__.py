"""The mouth: how the office speaks to people first, one class a channel."""
