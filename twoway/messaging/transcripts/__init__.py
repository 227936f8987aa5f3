"""Transcripts: a whole conversation, or a part of it, as it was said."""
