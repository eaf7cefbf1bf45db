"""``hilum send fhir``: prepared FHIR files through a destination, with order, progress and a report."""
