"""The audit trail: who sent what about whom, as DICOM audit messages (PS3.15 A.5), to syslog and to a file."""
