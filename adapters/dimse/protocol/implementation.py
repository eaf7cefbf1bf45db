"""How Hilum names itself to other DICOM implementations (PS3.7 D.3.3.2)."""

from gateway import __version__

# Derived from a random UUID as PS3.5 B.2 describes, and never changed: archives recognise the writer by it.
IMPLEMENTATION_CLASS_UID = "2.25.210794006343567866020781215024811145484"
IMPLEMENTATION_VERSION_NAME = f"HILUM_{__version__}"[:16]
