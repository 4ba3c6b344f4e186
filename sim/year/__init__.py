"""A school year of a made-up commune, whose truth is known: ``configs/example-year``.

``commune`` says who there is and when, ``rules`` what was asked, ``script`` and ``drama`` what
happened (by script, and drawn from a seed), ``letters`` writes what the agents would have sent,
``truth`` counts second by second what is right, without the letters and without the centre. See
docs/example-year.md.
"""
