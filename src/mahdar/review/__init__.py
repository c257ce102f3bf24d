"""Review: what people do with a record. Queues, coding, double coding, agreement between coders, and who may do what.

`desk.Desk` is the one service layer: the pages and the JSON API both call it, and it alone asks who may.
"""
