"""All pages that are not about a single project or person, for people who look for one."""
