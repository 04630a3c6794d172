"""The page: a chat with cited articles in the browser, the reading page, and the HTTP door."""
