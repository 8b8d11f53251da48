"""What differs between one office and the next; nothing in here knows the product's other rooms."""
