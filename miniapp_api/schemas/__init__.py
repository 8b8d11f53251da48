"""What goes in and what comes out, as marshmallow schemas: X is what we say, NewX what is sent to us, XQuery what is asked."""
