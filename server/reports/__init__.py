"""Reports: the papers that schools and their offices owe, as DOCX, PDF and XLSX.

Three steps, each of which knows nothing of the others': ``gathering`` reads the store into the
plain values of ``facts``; a *kind* (``kinds``) is a pure function from them to a ``Document``; a
*form* (``forms``: DOCX, PDF, XLSX) writes any document. Nothing here reads a clock or draws a
random number: the same facts and the same date give the same bytes.

Official papers are Vietnamese only (Decree 30/2020/ND-CP), so their text stands in the code and not
in the catalogues.
"""
