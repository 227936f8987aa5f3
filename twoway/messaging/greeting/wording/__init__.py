"""What automatic texts say: the words each workspace begins with, and filling in what changes."""
