"""What each page shows, as frozen values made of the domain's. Pure: values in, values out.

Every figure comes from ``server.domain``; a builder only chooses, sorts and groups. Texts are made
in the templates, in the reader's language.
"""
