"""One suite per outside tool, which every form of it passes."""
