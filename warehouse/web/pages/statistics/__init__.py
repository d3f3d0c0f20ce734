"""How often the files of a project are downloaded."""
