"""The Universal Commerce Protocol: what the shop sells, spoken in the versions of the protocol that platforms know."""
