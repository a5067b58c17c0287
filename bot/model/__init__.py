"""The plain frozen values that every part of the bot speaks in. No behaviour beyond what a value knows about itself."""
