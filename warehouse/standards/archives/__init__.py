"""Reading uploaded archives that may be hostile: never extracted, never whole in memory, every step bounded."""
