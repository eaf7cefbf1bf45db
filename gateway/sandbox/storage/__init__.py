"""Cloud Storage over folders: its JSON API, its XML API, and the shapes of S3, which are those of the XML API."""
