"""How often files are downloaded: counted, imported, added up, shown."""
