"""Products, categories and stores: read, written singly, imported by the thousand, marked as changed."""
