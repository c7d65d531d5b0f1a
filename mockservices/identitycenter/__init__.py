"""AWS IAM Identity Center: accounts, permission sets, assignments and who can use them."""
