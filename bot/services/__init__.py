"""What people ask for, whichever way they ask: each service is a function over the store. No Discord types here."""
