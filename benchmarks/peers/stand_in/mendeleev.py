"""A stand-in for mendeleev: a name that AtomAI imports for its graphs of atoms."""

element = None
