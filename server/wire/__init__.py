"""The line to WeChat: everything we ask of its servers goes through here."""
