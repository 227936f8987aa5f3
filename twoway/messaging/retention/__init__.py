"""Taking away what is past its time or was asked to be erased, and copying out what we know about one person."""
