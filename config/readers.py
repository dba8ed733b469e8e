"""Kind of document -> predicate(actor, document): who may open it. A kind that is not here is open to nobody."""

DOCUMENT_READERS: dict[str, str] = {}
