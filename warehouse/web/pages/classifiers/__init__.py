"""All trove classifiers, to be copied into a project's metadata or to search by."""
