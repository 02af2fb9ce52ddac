"""The studio without a page: photos, sessions, and the jobs that edit them."""
