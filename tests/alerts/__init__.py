"""Scripted days and a year of a made-up district, played through the product's own watching.

A *script* says what truly happens. ``eyes`` turns that into what each gate PC notices and when it
says so; ``facts`` is the database as far as the watch asks of it; ``centre`` runs the product's own
``Watch`` over it, and ``post`` brings letters away by the product's own rules. What people are to
be told is written by hand in each script.
"""
