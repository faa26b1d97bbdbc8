"""Generates Sources/CNameTables from the Unicode Character Database, glibc's charsets and translated texts (`make tables`)."""
