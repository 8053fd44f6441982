"""RQ: being written."""
