"""The pages: a folder each, which share components and the layout and never import one another."""
