"""The doors: command line, REST and web pages; and handing over."""
