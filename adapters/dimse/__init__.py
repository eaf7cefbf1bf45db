"""DICOM over DIMSE: accepts associations, C-ECHO and C-STORE (PS3.8, PS3.7); the command line also sends them.

Theory of operation. What a peer sends passes four layers, of which the first three are sans-IO::

    octets ──▶ pdu.PduReader ──events──▶ association.Acceptor ──commands──▶ connection.Connection
                                              └─ exchange.Exchange (command sets and data sets)

The reader does not wait for a whole P-DATA-TF: each piece of it is a ``Fragment`` over the octets as the socket gave
them. The acceptor is the state machine of PS3.8 9.2, the exchange puts fragments together to DIMSE messages. The
connection owns socket and timers and executes the commands: it opens an ``IncomingBody`` when a C-STORE-RQ is complete,
starts the delivery at once, and feeds the body while the fragments arrive. The answer leaves when the outcome is
known *and* the data set has ended. What comes before that answer waits in the acceptor's backlog for its turn: requests
are served one at a time and in order, which is all that an association without an asynchronous operations window
promises. While the backlog holds more than window_bytes, the peer is not read.

The sending side has the same layers::

    octets ──▶ pdu.PduReader ──events──▶ requestor.Requestor ──commands──▶ requesting.connection.Connection
                                              └─ requests.Requests (one request at a time, and its responses)

On it stands ``requesting.association``: ``associate`` opens an association and gives C-ECHO, C-STORE, or any request
with its responses. ``sender`` does so for files, over as many associations as it takes; ``reasons`` has the words for
each ending.
"""
