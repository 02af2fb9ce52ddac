"""Files as strangers may make them, given to what reads files: nothing runs, hangs or stays."""
