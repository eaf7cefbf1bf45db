"""HL7v2 to FHIR R4: a pure function from a message to a transaction bundle, and the step around it.

``convert.py`` is the entry. Rows for fields (``rows/``) and codes (``codes/``) are data, ``functions.py`` lists the
function for each datatype, ``adt.py``, ``oru.py``, ``orm.py``, ``mdm.py``, ``siu.py``,
``vxu.py``, ``pharmacy.py`` and ``finance.py`` know groups and events.
"""
