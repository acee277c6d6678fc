"""Invoices: numbered once, drawn as PDF with fonts that are part of the file."""
