"""The LLM judge. Nothing is imported here: whoever needs its shapes alone does not pay for the client."""
