"""What is warned of before a text is sent, and what a workspace chose. Filled in below."""
