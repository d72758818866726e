"""The rim: HTTP and WebSocket. One module per resource; no rules and no SQL here."""
