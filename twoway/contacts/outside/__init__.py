"""What happened to people elsewhere, as programs told us."""
