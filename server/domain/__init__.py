"""Pure reasoning over time: values in, values out; no clock, log, file, socket or framework.

Top down: ``alerting coverage incidents``, ``uptime``, ``timeline``, ``calendar``, ``plan``,
``units``, ``interval``.
"""
