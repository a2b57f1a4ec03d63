"""What 2026-01-23 says otherwise than 2026-04-08."""
