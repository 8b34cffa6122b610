"""One reader for each kind of file. Each gives the arrays of a file, their values unread wherever that can be."""
