"""What is done about each thing that people say or do in the chat, one file an intent."""
