"""Google's ``DeidentifyConfig`` (Cloud Healthcare API v1) as a dialect of the step."""
