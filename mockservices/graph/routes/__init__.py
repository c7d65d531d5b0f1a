"""The routes of the Graph app, one module for each family of resources."""
