"""How long an answer will take, as far as it is known; what was promised, and whether it was kept."""
