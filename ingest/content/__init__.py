"""What an archived document says, as plain text to search in."""
