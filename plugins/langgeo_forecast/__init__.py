"""What a run will take, by arithmetic on the shapes of its models: time, memory and disk."""
