"""Calls, translated: one small language of instructions, and each provider's own."""
