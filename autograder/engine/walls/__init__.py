"""The walls around a student's kernel, in tiers: what a host has is found by trying it."""
