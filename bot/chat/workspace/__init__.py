"""What a team sets up: its server, brands, campaigns, influencers and their past posts."""
