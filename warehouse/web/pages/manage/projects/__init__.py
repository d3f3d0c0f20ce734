"""The projects that one keeps."""
