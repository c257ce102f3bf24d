"""One machine and many: the same reader over processes (`pool`) and over a Spark cluster (`spark`)."""
