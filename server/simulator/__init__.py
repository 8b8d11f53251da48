"""A stand-in for WeChat: its servers as a developer meets them, and phones in the browser; a stranger to the product."""
