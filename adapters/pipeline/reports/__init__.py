"""Reports of hospitals: CSV files become rows, corrections keep their history, texts are cleaned."""
