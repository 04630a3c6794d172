"""Reading articles from files, and cleaning them."""
