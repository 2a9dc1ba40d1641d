"""One file a kind of attack: what people do to signed files that their signers did not allow."""
