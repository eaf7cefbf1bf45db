"""Where in the configuration a setting of a peer is."""

from collections.abc import Callable

from gateway.config.loading import Config

KeyPath = Callable[[str, str, str], str]
"""By listener, entry in its ``peers`` (or "") and key: the path of that setting."""


def key_paths_of(config: Config) -> KeyPath:
    """Return the function that finds the key which decides for a peer: that of its entry, if the entry has it."""

    def path(listener: str, entry: str, key: str) -> str:
        settings = config.listeners.get(listener)
        of_peer = getattr(settings, "peers", {}).get(entry)
        if of_peer is not None and key in of_peer.model_fields_set:
            return f"listeners.{listener}.peers.{entry}.{key}"
        return f"listeners.{listener}.{key}"

    return path
