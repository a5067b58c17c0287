"""The Discord side: thin adapters from events to services, and from stored verdicts to cards."""
