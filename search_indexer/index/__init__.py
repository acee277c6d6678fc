"""The writing side of search: mapping, documents, the consumer that follows Kafka, and the rebuild."""
