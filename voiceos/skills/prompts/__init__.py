"""Prompts: saved ones, and those of servers."""
