"""What people read, in their language: on pages and in messages.

``tongue`` is one language with its catalogue and its way of writing numbers and times, ``words``
and ``causes`` say what states and causes mean, ``catalogue`` collects every text for translation.
"""
