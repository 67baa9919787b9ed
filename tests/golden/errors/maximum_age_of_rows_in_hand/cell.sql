SELECT amount FROM txn
