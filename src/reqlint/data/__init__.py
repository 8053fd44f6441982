"""Tables: what is known of packages, kept apart from the rules that use it."""
