"""Stand-ins for the world outside, run as real processes that speak real HTTP."""
