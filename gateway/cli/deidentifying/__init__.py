"""``hilum deidentify``: files through a step that de-identifies, in several processes, with a record and a report."""
