"""Pictures and files: how they come in, are kept, are shown, and go out."""
