"""Tests of `crm_sync.domain`."""
