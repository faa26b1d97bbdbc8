"""Measurements of the agent beside plain commands and beside qemu-ga, in one guest and one run. Never a timed test."""
