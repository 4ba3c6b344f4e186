"""Yearly work: papers that schools hand in, evaluation, results, commendation."""
