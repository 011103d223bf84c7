"""Time beside error, against named peers in the same process on the same data."""
