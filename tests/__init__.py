"""Tests of Warehouse, one folder per thing someone is doing."""
