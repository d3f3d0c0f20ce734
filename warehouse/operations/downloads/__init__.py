"""Downloads: noted while files are served or read from logs, counted by day, and added up."""

from warehouse.operations.downloads.adding_up import add_up_downloads, fold_old_downloads
from warehouse.operations.downloads.counting import Counting
from warehouse.operations.downloads.importing import Imported, import_log
from warehouse.operations.downloads.notes import Notes

__all__ = ["Counting", "Imported", "Notes", "add_up_downloads", "fold_old_downloads", "import_log"]
