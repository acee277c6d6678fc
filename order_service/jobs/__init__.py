"""What is done from time to time: the leader that runs tasks side by side, and the order service's own tasks."""
