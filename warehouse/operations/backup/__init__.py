"""Backups: a consistent copy of an index in a folder, made while it runs, and the way back.

A backup folder holds ``manifest.json`` (written last: without it the backup is not finished), the dump of the
database and the list of blobs that it refers to (both named in the manifest), ``secret.key`` and ``blobs/``, where
files lie under their content as in a data folder. Backups into the same folder share the blobs.
"""

from warehouse.operations.backup.making import make_backup
from warehouse.operations.backup.manifest import Manifest
from warehouse.operations.backup.restoring import restore_backup

__all__ = ["Manifest", "make_backup", "restore_backup"]
