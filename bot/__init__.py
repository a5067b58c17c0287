"""Campaign review bot: judges drafted sponsored posts against the influencer's own past posts."""

__version__ = "0.1.0"
