"""What is inside files: unpacked by a job when somebody asks, shown on pages, compared between releases, forgotten."""
