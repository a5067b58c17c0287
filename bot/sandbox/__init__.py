"""A loopback Discord in a process of its own: for the demo and for tests with the real client library."""
