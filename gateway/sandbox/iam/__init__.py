"""Access policies of projects, datasets and stores: kept, compared by etag, and enforced if that is asked for."""
