"""Stand-ins for outside services that speak their wire formats: Merchant Center, tax, payments. For development and tests."""
