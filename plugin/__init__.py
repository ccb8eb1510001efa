"""Turns store webhooks into SendPulse events."""
