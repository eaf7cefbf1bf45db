"""What operators see on the admin port: the API of status, messages and explanations, and the pages."""
