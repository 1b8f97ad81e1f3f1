"""Tests of `crm_sync.source`."""
