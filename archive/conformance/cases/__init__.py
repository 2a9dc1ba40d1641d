"""The functions that try the cases of `catalogue.yaml`, by subject."""
