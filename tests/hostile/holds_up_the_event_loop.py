"""Leaves a task on the kernel's event loop that holds it up for two minutes."""

PLAIN = "not graded, an error ends its grading"

BASE = "stub"
FIRST_CELL = """
import asyncio

loop = asyncio.get_event_loop()

async def spin():
    import time

    time.sleep(120)

task = loop.create_task(spin())
"""
