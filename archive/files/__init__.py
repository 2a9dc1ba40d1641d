"""Files and folders: written durably, made for one job, or shared with other people."""
