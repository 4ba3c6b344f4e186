"""Who is told of an incident, by which way, and when. Pure: ``people`` is the data."""
