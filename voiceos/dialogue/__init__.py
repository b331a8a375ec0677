"""The loop that reads like the product: converse, turn, speak."""
