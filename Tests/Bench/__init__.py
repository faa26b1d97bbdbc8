"""Measurements of the agent beside plain commands and qemu-ga in one guest, and of names beside their peers. Never a timed test."""
