"""The pages of messages: a search of the journal, and what became of one message."""
