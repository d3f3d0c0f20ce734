"""Uploads: receive the form, judge the candidate, store the file, tell of it."""

from warehouse.operations.upload.form import Posted, PostedFile
from warehouse.operations.upload.new_projects import NewProject, rate_headers
from warehouse.operations.upload.receive import Receipt, receive

__all__ = ["NewProject", "Posted", "PostedFile", "Receipt", "rate_headers", "receive"]
