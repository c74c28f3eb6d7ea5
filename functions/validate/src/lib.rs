//! Reads deliveries, fetches what they only name, judges, and writes the work list.
