"""Pure reasoning over time: values in, values out; no clock, log, file, socket or framework.

Top down: ``incident coverage outages``, ``uptime``, ``timeline``, ``calendar``, ``plan``,
``units``, ``interval``.
"""
