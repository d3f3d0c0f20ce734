"""The web site, asked as browsers, crawlers and supervisors ask it."""
