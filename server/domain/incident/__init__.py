"""From signals to incidents, pure: ``signals`` in, ``engine`` decides, ``model`` is what comes out.

``world`` says who belongs to whom, ``rules`` how patient to be.
"""
