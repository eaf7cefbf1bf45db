"""The sending side of MLLP: the rules of one connection, and a pool of connections to one receiver."""
