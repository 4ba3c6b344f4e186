"""What edge and server say to each other, and nothing else.

Topics, message types, the codec and the vocabulary of states and causes. Both sides import this
package; it imports neither. Everything here is pure: values in, values out.

Version rules (``codec``): a newer *minor* version may add fields and enum-free text, and is read
with the unknown parts ignored; a newer *major* version is refused with a reason. Payloads under
``tests/data/messages/`` are golden: every later version must still read them.
"""
