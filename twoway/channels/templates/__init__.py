"""Templates: messages WhatsApp has approved, for when the customer last wrote more than 24 hours ago."""
