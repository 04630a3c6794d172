"""Training the reader that checks claims and finds answers; needs the extra ``train``."""
