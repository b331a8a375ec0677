"""Timers, alarms and reminders."""
