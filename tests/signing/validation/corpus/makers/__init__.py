"""One file a maker: each makes signed files with a program that is not Kho."""
