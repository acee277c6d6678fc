"""What staff did and whether the books agree: the audit trail, and the invariants that `aisle verify` checks."""
