"""pynetdicom's acceptor with a handler that does nothing but say 0000."""

import argparse

from pynetdicom import AE, AllStoragePresentationContexts, evt


def store(event: evt.Event) -> int:
    """Discard the instance."""
    return 0x0000


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--max-pdu", type=int, default=131072)
    options = parser.parse_args()
    entity = AE("BENCH")
    entity.maximum_pdu_size = options.max_pdu
    entity.maximum_associations = 200
    entity.network_timeout = None
    entity.supported_contexts = AllStoragePresentationContexts
    entity.start_server(("127.0.0.1", options.port), evt_handlers=[(evt.EVT_C_STORE, store)])
