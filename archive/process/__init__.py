"""What concerns a whole process: its log, its garbage collector, crash points, reading ahead."""
