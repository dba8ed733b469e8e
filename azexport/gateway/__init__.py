"""The door for machines: messages from participants' systems (one table: message type -> action)."""
