"""How each kind of document is told by its words, one module for each."""
