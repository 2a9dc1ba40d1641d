"""Several processes on one archive: the sequencer of acts, the outbox, the writing clock."""
