"""Events that commit with the change they tell of; the relay sends them on."""
