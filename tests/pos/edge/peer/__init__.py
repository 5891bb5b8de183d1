"""Words between two gateways."""
