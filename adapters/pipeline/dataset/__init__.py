"""The tables that the results make together: of the identified side, through the gate, and of the public side."""
