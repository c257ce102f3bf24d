"""mahdar: an evidence-grade record of what news reports of armed conflict claim."""
