"""Work on its way: webhooks, events, timers, deliveries and the destinations they leave for. Stands on `shops` and `db`.

What the rooms above must be told or asked (notices to obey, terms to find a delivery by) is given to it as a protocol.
"""
